"""Where a node's files go so that its user can reach them, and nobody else's files are touched."""

import os
import pwd
from pathlib import Path

import pytest

from sidecar.stack import unprivileged

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand folders to somebody else")


def test_without_another_user_it_is_the_wanted_folder_and_new(tmp_path: Path) -> None:
    wanted = tmp_path / "node"
    wanted.mkdir()
    (wanted / "old").touch()
    assert unprivileged.folder_for(None, wanted) == wanted
    assert list(wanted.iterdir()) == []


@as_root
def test_behind_a_closed_home_it_is_a_place_that_the_user_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "reachable").mkdir()
    monkeypatch.setattr(unprivileged.tempfile, "gettempdir", lambda: str(tmp_path / "reachable"))
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    nobody = pwd.getpwuid(65534).pw_name
    folder = unprivileged.folder_for(nobody, closed / "node")
    assert folder.parent == tmp_path / "reachable"
    assert folder.stat().st_uid == 65534
    assert folder.stat().st_mode & 0o077 == 0
    # The next start finds and replaces what a crash left.
    (folder / "left").touch()
    assert unprivileged.folder_for(nobody, closed / "node") == folder
    assert list(folder.iterdir()) == []


def test_nobody_else_is_needed_without_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unprivileged.os, "geteuid", lambda: 1000)
    assert unprivileged.node_user() is None


@as_root
def test_as_root_a_user_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    name = pwd.getpwuid(65534).pw_name
    monkeypatch.setenv("RESHELF_NODE_USER", name)
    assert unprivileged.node_user() == name
