"""Installing Triton: where it cannot run, the message says what to do; where it can, once is enough."""

import platform
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from sidecar.model.errors import ModelError
from sidecar.stack import triton
from sidecar.stack.errors import StackError
from sidecar.stack.triton import ensure_triton, triton_command

Installer = Callable[[Path, Path], None]


class Version(NamedTuple):
    """The part of sys.version_info that matters."""

    major: int
    minor: int


def fake_install(stubs: tuple[str, ...] = ("3.8", "3.11", "3.12", "3.13")) -> tuple[Installer, list[Path]]:
    """Puts the files of the wheel that matter, and counts its calls."""
    calls: list[Path] = []

    def install(requirements: Path, target: Path) -> None:
        calls.append(target)
        time.sleep(0.05)
        server = target / "pytriton" / "tritonserver"
        for version in (*stubs, f"{sys.version_info.major}.{sys.version_info.minor}" if stubs else "3.8"):
            (server / "python_backend_stubs" / version).mkdir(parents=True, exist_ok=True)
            (server / "python_backend_stubs" / version / "triton_python_backend_stub").write_bytes(b"stub")
        (server / "bin").mkdir()
        (server / "bin" / "tritonserver").write_bytes(b"server")
        (server / "backends" / "python").mkdir(parents=True)

    return install, calls


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESHELF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_it_is_installed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    install, calls = fake_install()
    monkeypatch.setattr(triton, "install_files", install)
    start = threading.Barrier(4)

    def ensure(_: int) -> Path:
        start.wait()
        return ensure_triton().packages

    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(ensure, range(4)))
    assert len(folders) == 1
    assert len(calls) == 1
    folder = folders.pop()
    assert (
        folder / "pytriton/tritonserver/backends/python/triton_python_backend_stub"
    ).stat().st_mode & 0o111
    assert not list(folder.parent.glob("installing-*"))


def test_a_damaged_install_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    install, calls = fake_install()
    monkeypatch.setattr(triton, "install_files", install)
    ensure_triton().server.unlink()
    assert ensure_triton().server.is_file()
    assert len(calls) == 2


def test_a_failed_download_leaves_nothing(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    def fail(requirements: Path, target: Path) -> None:
        (target / "half").write_text("")
        raise ModelError("no network")

    monkeypatch.setattr(triton, "install_files", fail)
    with pytest.raises(StackError, match="no network"):
        ensure_triton()
    assert [path.suffix for path in (own_cache / "triton").iterdir()] == [".lock"]


def test_a_python_without_a_stub_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triton, "install_files", fake_install(stubs=())[0])
    with pytest.raises(StackError, match=r"with Python 3\.8, not 3\.\d+.*--scorer onnx"):
        ensure_triton()


@pytest.mark.parametrize(
    ("system", "machine"), [("Darwin", "arm64"), ("Linux", "aarch64"), ("Windows", "AMD64")]
)
def test_other_platforms_are_told(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    with pytest.raises(StackError, match=f"this is {system} {machine}.*--scorer onnx"):
        ensure_triton()


def test_an_old_glibc_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.31"))
    with pytest.raises(StackError, match=r"needs glibc 2\.35, this system has 2\.31"):
        ensure_triton()


def test_a_python_without_a_shared_library_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: None)
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", Version(3, 7))
    with pytest.raises(StackError, match=r"libpython3\.7\.so\.1\.0.*--enable-shared.*--scorer onnx"):
        ensure_triton()


def test_a_python_that_is_too_new_is_told_before_anything_is_downloaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install, calls = fake_install()
    monkeypatch.setattr(triton, "install_files", install)
    monkeypatch.setattr(sys, "version_info", Version(3, 13))
    with pytest.raises(StackError, match=r"Python 3\.11 or 3\.12, this is 3\.13.*--scorer onnx"):
        ensure_triton()
    assert not calls


def test_the_command_listens_on_loopback_and_loads_one_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(triton, "install_files", fake_install()[0])
    command, environment = triton_command(ensure_triton(), tmp_path, 1, 2, 3)
    assert {f"--{edge}-address=127.0.0.1" for edge in ("grpc", "http", "metrics")} <= set(command)
    assert {"--grpc-port=1", "--http-port=2", "--metrics-port=3", "--load-model=bert_reranker"} <= set(
        command
    )
    assert f"--model-repository={tmp_path}" in command
    assert environment["RESHELF_TRITON_PACKAGES"]
    assert environment["TOKENIZERS_PARALLELISM"] == "false"
