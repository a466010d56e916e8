"""Commands with the shipped settings work on the local stack while it is up; what was chosen stays."""

import asyncio
from pathlib import Path

import pytest

from sidecar.cli.serve import DEFAULT_FILE
from sidecar.cli.steps.local_stack_settings import sidecar_settings
from sidecar.cli.steps.rules_store import opened_releases
from sidecar.cli.steps.served_flow import opened_log
from sidecar.config.sidecar import load_settings
from sidecar.rules.release_store import ReleasesUnavailable
from sidecar.served.log import ServedLogUnavailable
from sidecar.stack.endpoints import wanted_ports
from sidecar.stack.paths import project_root
from sidecar.stack.state import StackState

CONFIG = project_root() / DEFAULT_FILE
STACKS = "http://127.0.0.1:1"
"""Where nobody listens; 9200 may be taken."""
OTHER = "http://127.0.0.1:2"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder without a stack."""
    monkeypatch.setenv("RESHELF_STATE", str(tmp_path))
    monkeypatch.delenv("RESHELF_OPENSEARCH", raising=False)
    return tmp_path


def up(state: Path, scorer: str = "order") -> StackState:
    stack = StackState(state / "stacks/default", scorer, wanted_ports(scorer) | {"opensearch": 1}, "digest")
    stack.save()
    return stack


def test_the_stacks_live_model_is_asked(state: Path) -> None:
    stack = up(state, "triton")
    triton = sidecar_settings(CONFIG).scorer.triton
    assert triton.address == f"127.0.0.1:{stack.ports['triton_grpc']}"
    assert triton.alias is not None
    assert triton.alias.is_relative_to(stack.folder)


def test_a_triton_of_ones_own_has_no_model_of_the_stacks(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(state, "triton")
    monkeypatch.setenv("RESHELF_SCORER__TRITON__ADDRESS", "models:8001")
    assert sidecar_settings(CONFIG).scorer == load_settings(CONFIG).scorer


def test_the_stacks_sidecar_is_meant(state: Path) -> None:
    up(state)
    settings = sidecar_settings(CONFIG)
    assert settings.rules.opensearch.url == settings.served.opensearch.url == STACKS
    assert settings.state_folder == state / "sidecar"
    assert settings.vocabularies.folder == state / "vocabularies"
    assert settings.scorer == load_settings(CONFIG).scorer


@pytest.mark.parametrize("with_stack", [True, False])
def test_a_cluster_that_was_named_comes_before_the_stacks(
    state: Path, monkeypatch: pytest.MonkeyPatch, with_stack: bool
) -> None:
    if with_stack:
        up(state)
    monkeypatch.setenv("RESHELF_OPENSEARCH", OTHER)
    settings = sidecar_settings(CONFIG)
    assert settings.rules.opensearch.url == settings.served.opensearch.url == OTHER


def test_what_variables_say_of_the_sidecar_comes_before_both(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(state)
    monkeypatch.setenv("RESHELF_OPENSEARCH", OTHER)
    # The usual address is chosen as well where a variable says it.
    monkeypatch.setenv("RESHELF_RULES__OPENSEARCH__URL", "http://127.0.0.1:9200")
    monkeypatch.setenv("RESHELF_SERVED", '{"opensearch": {"url": "http://127.0.0.1:9200"}}')
    monkeypatch.setenv("RESHELF_STATE_FOLDER", str(tmp_path / "mine"))
    settings, shipped = sidecar_settings(CONFIG), load_settings(CONFIG)
    assert (settings.rules, settings.served) == (shipped.rules, shipped.served)
    assert settings.state_folder == tmp_path / "mine"


def test_what_was_changed_in_the_shipped_file_stays(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(state)
    file = tmp_path / DEFAULT_FILE
    file.parent.mkdir()
    file.write_text("rules: {opensearch: {url: 'http://search:9200'}}\nstate_folder: mine\n")
    monkeypatch.setattr("sidecar.cli.steps.local_stack_settings.project_root", lambda: tmp_path)
    settings = sidecar_settings(file)
    assert settings.rules.opensearch.url == "http://search:9200"
    assert settings.state_folder == file.parent / "mine"
    assert settings.served.opensearch.url == STACKS


@pytest.mark.parametrize("content", [None, "{", '{"format": 99}'])
def test_without_a_stack_nothing_changes(state: Path, content: str | None) -> None:
    if content is not None:
        (state / "stacks/default").mkdir(parents=True)
        (state / "stacks/default/state.json").write_text(content)
    assert sidecar_settings(CONFIG) == load_settings(CONFIG)


def test_settings_of_ones_own_stay(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    up(state, "triton")
    monkeypatch.setenv("RESHELF_OPENSEARCH", OTHER)
    own = tmp_path / "own.yml"
    own.write_text("")
    assert sidecar_settings(own) == load_settings(own)


def test_rules_are_published_and_lists_are_looked_for_in_the_stack(state: Path) -> None:
    up(state)
    with (
        opened_releases(CONFIG) as published,
        pytest.raises(ReleasesUnavailable, match=r"port=1\).*`rules\.opensearch\.url`") as no_rules,
    ):
        published.store.latest()
    _, log = opened_log(CONFIG)
    with pytest.raises(ServedLogUnavailable, match=r"port=1\).*`served\.opensearch\.url`") as no_lists:
        asyncio.run(log.count(0, 1))
    # They have no such option.
    assert "--opensearch" not in f"{no_rules.value} {no_lists.value}"
