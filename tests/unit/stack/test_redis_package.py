"""Where redis-server comes from."""

import shutil
from pathlib import Path

import pytest

from sidecar.stack.errors import StackError
from sidecar.stack.redis_package import find_redis


def program(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_the_one_on_path_comes_first(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = program(tmp_path / "bin", name)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    found = find_redis()
    assert (found.server, found.environment) == (file, {})


def test_one_that_was_unpacked_before_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("RESHELF_CACHE", str(tmp_path))
    file = program(tmp_path / "redis/usr/bin", "redis-server")
    program(tmp_path / "redis/usr/lib/x86_64-linux-gnu", "liblzf.so.1")
    found = find_redis()
    assert found.server == file
    assert found.environment == {"LD_LIBRARY_PATH": str(tmp_path / "redis/usr/lib/x86_64-linux-gnu")}


def test_a_machine_without_any_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("RESHELF_CACHE", str(tmp_path / "cache"))
    with pytest.raises(StackError, match="apt-get install redis-server"):
        find_redis()


def test_a_download_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = shutil.which("sh")
    assert shell is not None
    for name, what in (("apt-get", "echo no such package >&2; exit 100"), ("dpkg", "exit 0")):
        program(tmp_path / "bin", name).write_text(f"#!{shell}\n{what}\n")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("RESHELF_CACHE", str(tmp_path / "cache"))
    with pytest.raises(StackError, match=r"no such package.*Install redis-server"):
        find_redis()
    assert list((tmp_path / "cache").iterdir()) == []
