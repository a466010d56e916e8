"""The shipped settings ask the local stack's model while it is up; others are left as they are."""

from pathlib import Path

import pytest

from sidecar.cli.serve import DEFAULT_FILE
from sidecar.cli.steps import local_stack_settings
from sidecar.cli.steps.local_stack_settings import as_in_local_stack
from sidecar.config.sidecar import SidecarSettings, load_settings
from sidecar.stack.endpoints import wanted_ports
from sidecar.stack.paths import project_root
from sidecar.stack.state import StackState

CONFIG = project_root() / DEFAULT_FILE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(local_stack_settings, "stack_folder", lambda: tmp_path)
    return tmp_path


def up(folder: Path, scorer: str) -> StackState:
    state = StackState(folder, scorer, wanted_ports(scorer), "digest", {})
    state.save()
    return state


def test_the_stacks_live_model_is_asked(folder: Path) -> None:
    state = up(folder, "triton")
    settings = as_in_local_stack(load_settings(CONFIG), CONFIG)
    assert settings.scorer.triton.address == f"127.0.0.1:{state.ports['triton_grpc']}"
    assert settings.scorer.triton.alias is not None
    assert settings.scorer.triton.alias.is_relative_to(folder)


@pytest.mark.parametrize("content", [None, "{", '{"format": 99}'])
def test_without_a_stack_nothing_changes(folder: Path, content: str | None) -> None:
    if content is not None:
        (folder / "state.json").write_text(content)
    given = load_settings(CONFIG)
    assert as_in_local_stack(given, CONFIG) == given


def test_a_stack_without_a_model_and_settings_of_ones_own_change_nothing(
    folder: Path, tmp_path: Path
) -> None:
    given = load_settings(CONFIG)
    up(folder, "order")
    assert as_in_local_stack(given, CONFIG) == given
    up(folder, "triton")
    own = tmp_path / "own.yml"
    own.write_text("")
    assert as_in_local_stack(SidecarSettings(), own) == SidecarSettings()
