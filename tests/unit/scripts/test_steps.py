"""How make runs its steps: in turn, or beside those that follow; what fails fails the target."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.stack.paths import project_root


@pytest.fixture
def run(tmp_path: Path):
    """Runs steps; the ended process, with both outputs in one."""

    def steps(*pairs: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, project_root() / "scripts" / "steps.py", "target", *pairs],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "RESHELF_CACHE": str(tmp_path)},
        )

    return steps


def test_one_beside_is_waited_for_and_shown_whole(run, tmp_path: Path) -> None:
    done = run("first=echo one", "+ other=echo begun; sleep 0.5; echo ended", "second=echo two")
    assert done.returncode == 0
    said = done.stdout.splitlines()
    assert said.index("one") < said.index("two")
    assert said.index("ended") == said.index("begun") + 1
    assert "✓ target: done" in done.stdout
    known = json.loads((tmp_path / "durations.json").read_text())
    assert set(known) == {"target/first", "target/other", "target/second"}
    assert "left)" in run("first=true", "+ other=true", "second=true").stdout


def test_a_step_that_fails_ends_the_others_that_follow(run) -> None:
    done = run("+ other=echo beside", "first=exit 3", "second=echo never")
    assert done.returncode == 3
    assert "beside" in done.stdout
    assert "“first” failed" in done.stdout
    assert "\nnever" not in done.stdout


def test_one_that_fails_beside_fails_the_target(run) -> None:
    done = run("+ other=exit 4", "first=echo one")
    assert done.returncode == 4
    assert "“other” failed" in done.stdout
    assert "✓" not in done.stdout
