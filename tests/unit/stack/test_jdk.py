"""A JDK is found wherever it is, and believed only when it runs."""

from pathlib import Path

import pytest

from sidecar.stack import jdk
from sidecar.stack.errors import StackError


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without Java: each test puts there what it needs."""
    for variable in ("RESHELF_JAVA_HOME", "JAVA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    empty = tmp_path / "empty"
    empty.mkdir()
    # /bin for the `sh` that runs the pretended java.
    monkeypatch.setattr(jdk.shutil, "which", lambda name: None)
    monkeypatch.setattr(jdk, "COLLECTIONS", (str(empty),))
    jdk.find_jdk.cache_clear()


def make_jdk(home: Path, version: str, *, compiler: bool = True, status: int = 0) -> Path:
    """A pretended JDK that answers `java -version` as real ones do."""
    (home / "bin").mkdir(parents=True)
    java = home / "bin" / "java"
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\nexit {status}\n")
    java.chmod(0o755)
    if compiler:
        (home / "bin" / "javac").touch()
    return home


def test_the_users_choice_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_jdk(tmp_path / "a" / "jdk-25", "25.0.1")))
    monkeypatch.setenv("RESHELF_JAVA_HOME", str(make_jdk(tmp_path / "b" / "jdk-21", "21.0.4")))
    assert jdk.find_jdk() == jdk.Jdk(tmp_path / "b" / "jdk-21", 21)


def test_a_wrong_choice_is_an_error_and_not_a_hint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_jdk(tmp_path / "jdk-25", "25")))
    monkeypatch.setenv("RESHELF_JAVA_HOME", str(make_jdk(tmp_path / "jdk-17", "17.0.15")))
    with pytest.raises(StackError, match=r"(?s)jdk-17 \(RESHELF_JAVA_HOME\): release 17 is too old") as error:
        jdk.find_jdk()
    assert "jdk-25" not in str(error.value)


def test_the_newest_beside_a_default_that_is_too_old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_jdk(tmp_path / "java-17-openjdk", "17.0.15")
    make_jdk(tmp_path / "java-21-openjdk", "21.0.2")
    make_jdk(tmp_path / "temurin-25-jdk", "25")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java-17-openjdk"))
    assert jdk.find_jdk().home == tmp_path / "temurin-25-jdk"


def test_java_on_the_path_is_followed_through_its_links(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = make_jdk(tmp_path / "jvm" / "jdk-23", "23")
    link = tmp_path / "java"
    link.symlink_to(home / "bin" / "java")
    monkeypatch.setattr(jdk.shutil, "which", lambda name: str(link))
    assert jdk.find_jdk() == jdk.Jdk(home, 23)


def test_managers_and_bundles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_jdk(tmp_path / "managed" / "zulu-24.jdk" / "Contents" / "Home", "24")
    monkeypatch.setattr(jdk, "COLLECTIONS", (str(tmp_path / "managed"),))
    assert jdk.find_jdk().release == 24


@pytest.mark.parametrize(
    ("version", "options", "reason"),
    [
        ("21", {"compiler": False}, "a runtime only"),
        ("21", {"status": 1}, "`java -version` failed"),
        ("1.8.0_402", {}, "release 8 is too old"),
        ("surprise", {}, "`java -version` failed"),
    ],
)
def test_what_does_not_do_is_named_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, options: dict[str, int], reason: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_jdk(tmp_path / "here", version, **options)))
    with pytest.raises(StackError) as error:
        jdk.find_jdk()
    assert reason in str(error.value)
    assert str(tmp_path / "here") in str(error.value)
    assert "RESHELF_JAVA_HOME" in str(error.value)


def test_nothing_at_all() -> None:
    with pytest.raises(StackError, match="no java on PATH, no JAVA_HOME"):
        jdk.find_jdk()
