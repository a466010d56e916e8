"""Versions in a folder, whatever happens to their publishers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidecar.rules.folder_releases import UNFINISHED, FolderReleases
from sidecar.rules.release import Release, UnreadableRelease
from tests.fixtures.releases import text_of

PUBLISHER = """
import sys
from pathlib import Path
from sidecar.rules.folder_releases import FolderReleases
store = FolderReleases(Path(sys.argv[1]))
number = 0
print("begin", flush=True)
while True:
    store.publish('{"format":1,"rules":[]}' + " " * 200_000, who="a", why="b", expected=number)
    number += 1
"""


def test_a_publisher_that_is_killed_leaves_whole_versions(tmp_path: Path) -> None:
    for round_ in range(4):
        folder = tmp_path / str(round_)
        process = subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.03 * (round_ + 1))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        store = FolderReleases(folder)
        history = store.history(10_000)
        assert all(isinstance(one, Release) for one in history)
        assert [one.number for one in history] == list(range(len(history), 0, -1))
        release = store.publish(text_of("after"), who="anna", why="go on", expected=len(history))
        assert store.latest() == release


def test_what_killed_publishers_left_is_swept(tmp_path: Path) -> None:
    old, new = tmp_path / f"{UNFINISHED}1-aa", tmp_path / f"{UNFINISHED}2-bb"
    for file in (old, new):
        file.write_text("{")
    os.utime(old, (0, 0))
    FolderReleases(tmp_path).publish(text_of("r"), who="anna", why="x", expected=0)
    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'"text"', b"null"])
def test_a_damaged_file_is_told_not_raised(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "000001.json").write_bytes(content)
    found = FolderReleases(tmp_path).latest()
    assert isinstance(found, UnreadableRelease)
    assert found.number == 1


def test_other_files_are_no_versions(tmp_path: Path) -> None:
    for name in ("README", "1.json", "000001.json.bak", "x000001.json", "0000008.json"):
        (tmp_path / name).write_text("{}")
    store = FolderReleases(tmp_path)
    assert store.latest() is None
    assert store.publish(text_of("r"), who="anna", why="x", expected=0).number == 1
