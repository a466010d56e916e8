"""Changing the alias: whole or not at all, one command at a time, with a history."""

import threading
from pathlib import Path

import pytest

from sidecar.config.alias import HISTORY, Alias, ServedModel, read_alias
from sidecar.ranking.relevance.triton_connection import Connection
from sidecar.rollout.alias_file import changing, current_alias, noted, write_alias
from sidecar.rollout.errors import RolloutError
from sidecar.rollout.promote import set_shadow
from sidecar.rollout.target import Target

V1 = ServedModel(model="v1", fingerprint="x@1")
V2 = ServedModel(model="v2", fingerprint="x@2")


def test_readers_see_whole_files_only(tmp_path: Path) -> None:
    file = tmp_path / "live.json"
    write_alias(file, Alias(live=V1))
    done = threading.Event()
    seen: set[str] = set()

    def read() -> None:
        while not done.is_set():
            live = read_alias(file).live
            assert live is not None
            seen.add(live.model)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(200):
        write_alias(file, Alias(live=(V1, V2)[turn % 2]))
    done.set()
    reader.join()
    assert seen == {"v1", "v2"}
    assert [path.name for path in tmp_path.iterdir()] == ["live.json"]


def test_one_command_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "live.json"
    with changing(file), pytest.raises(RolloutError, match="at work"), changing(file):
        pass
    with changing(file):
        pass


def test_the_history_is_bounded(tmp_path: Path) -> None:
    alias = Alias()
    for _ in range(HISTORY + 5):
        alias = noted(alias, "promote", "v1", live=V1)
    assert len(alias.history) == HISTORY


def test_a_damaged_alias_is_told_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "live.json"
    file.write_text('{"lief": 1}')
    with pytest.raises(RolloutError, match=r"unknown key `lief`.*mend the file"):
        current_alias(file)


def test_only_a_candidate_can_be_a_shadow(tmp_path: Path) -> None:
    target = Target(Connection("127.0.0.1:1"), tmp_path / "live.json", str(tmp_path))
    write_alias(target.alias, Alias(live=V1))
    with pytest.raises(RolloutError, match="no candidate"):
        set_shadow(target, 0.1)
    write_alias(target.alias, Alias(live=V1, candidate=V2))
    set_shadow(target, 0.1)
    shadow = read_alias(target.alias).shadow
    assert shadow is not None
    assert (shadow.model, shadow.share) == ("v2", 0.1)
    set_shadow(target, 0)
    assert read_alias(target.alias).shadow is None
