"""The rules that are live: followed, refused, kept over a start without the store."""

import asyncio
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from sidecar.ranking.layout import live as live_module
from sidecar.ranking.layout.live import LiveRules
from sidecar.ranking.layout.release_metrics import ReleaseMetrics
from sidecar.rules.folder_releases import FolderReleases
from sidecar.rules.last_good import LastGood
from sidecar.rules.memory_releases import MemoryReleases
from sidecar.rules.release_store import ReleasesUnavailable
from sidecar.rules.rule_set import RuleSet
from tests.fixtures.releases import damageable_memory, text_of


@dataclass
class FakeCompiled:
    release: str
    ids: list[str]
    problems: tuple[tuple[str, str], ...] = ()


def compiled(rule_set: RuleSet, release: str) -> FakeCompiled:
    """Rules whose ids begin with `bad` cannot be compiled, `broken` breaks the compiler."""
    ids = [rule.id for rule in rule_set.rules]
    if "broken" in ids:
        raise ZeroDivisionError("a bug")
    bad = tuple((one, "no") for one in ids if one.startswith("bad"))
    return FakeCompiled(release, [one for one in ids if not one.startswith("bad")], bad)


class Following:
    """A follower with a registry to read."""

    def __init__(self, store: Any, folder: Path, interval: float = 0.01) -> None:
        self.registry = CollectorRegistry()
        self.last_good = LastGood(folder)
        self.live = LiveRules(store, compiled, self.last_good, ReleaseMetrics(self.registry), interval)

    def figure(self, name: str) -> float | None:
        return self.registry.get_sample_value(name)

    @property
    def ids(self) -> list[str] | None:
        return self.live.current.ids if self.live.current else None


class Away:
    """A store that does not answer, or only later."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.is_away = True
        self.hangs: threading.Event | None = None

    def __getattr__(self, name: str) -> Any:
        if self.hangs is not None:
            self.hangs.wait(10)
        if self.is_away:
            raise ReleasesUnavailable("the store is away")
        return getattr(self.store, name)


def publish(store: Any, *ids: str) -> None:
    latest = store.latest()
    store.publish(text_of(*ids), who="anna", why="test", expected=latest.number if latest else 0)


async def test_versions_are_taken_up_one_after_the_other(tmp_path: Path) -> None:
    store = MemoryReleases()
    following = Following(store, tmp_path)
    await following.live.open()
    assert following.live.current is None
    publish(store, "a")
    await following.live.look()
    assert following.ids == ["a"]
    assert following.live.current is not None
    release = store.latest()
    assert following.live.current.release == f"1@{release.digest[:8]}"  # type: ignore[union-attr]
    publish(store, "b")
    publish(store, "b", "c")
    await following.live.look()
    assert following.ids == ["b", "c"]
    assert following.figure("reshelf_rules_release") == 3
    assert following.figure("reshelf_rules") == 2
    assert following.live.why == ""


async def test_an_empty_version_takes_rules_away(tmp_path: Path) -> None:
    store = MemoryReleases()
    following = Following(store, tmp_path)
    publish(store, "a")
    await following.live.open()
    publish(store)
    await following.live.look()
    assert following.ids == []


@pytest.mark.parametrize(
    "change", [{"format": 99}, {"who": "mallory"}, {"rules": 7}], ids=["newer", "changed", "damaged"]
)
async def test_what_cannot_be_read_is_told_once_and_the_old_one_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, change: dict[str, Any]
) -> None:
    damageable = damageable_memory()
    following = Following(damageable.store, tmp_path)
    publish(damageable.store, "a")
    await following.live.open()
    publish(damageable.store, "b")
    damageable.change(2, change)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await following.live.look()
    assert following.ids == ["a"]
    assert following.figure("reshelf_rules_refused_total") == 1
    assert following.figure("reshelf_rules_behind") == 1
    assert following.live.why.startswith("version 2: ")
    assert len([record for record in caplog.records if "version 2" in record.getMessage()]) == 1
    publish(damageable.store, "c")
    await following.live.look()
    assert following.ids == ["c"]
    assert following.figure("reshelf_rules_behind") == 0
    assert following.live.why == ""


@pytest.mark.parametrize("ids", [("broken", "good"), ("bad1", "bad2")])
async def test_what_cannot_be_compiled_at_all_is_refused(tmp_path: Path, ids: tuple[str, ...]) -> None:
    store = MemoryReleases()
    following = Following(store, tmp_path)
    publish(store, "a")
    await following.live.open()
    publish(store, *ids)
    await following.live.look()
    assert following.ids == ["a"]
    assert "compiled" in following.live.why


async def test_rules_of_a_newer_language_are_refused(tmp_path: Path) -> None:
    store = MemoryReleases()
    following = Following(store, tmp_path)
    publish(store, "a")
    await following.live.open()
    newer = '{"format":1,"rules":[{"id":"x","then":[{"levitate":{"ids":["A"]}}]}]}'
    store.publish(newer, who="anna", why="newer", expected=1)
    await following.live.look()
    assert following.ids == ["a"]
    assert "levitate" in following.live.why


async def test_one_rule_that_cannot_be_compiled_costs_only_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryReleases()
    following = Following(store, tmp_path)
    publish(store, "a", "bad")
    await following.live.open()
    assert following.ids == ["a"]
    assert following.figure("reshelf_rules_left_out") == 1
    assert "`bad`" in caplog.text


async def test_a_start_without_the_store_uses_the_last_good_version(tmp_path: Path) -> None:
    store = MemoryReleases()
    publish(store, "a")
    publish(store, "b")
    await Following(store, tmp_path).live.open()
    away = Away(store)
    again = Following(away, tmp_path)
    await again.live.open()
    assert again.ids == ["b"]
    assert again.live.release == store.latest()
    assert again.figure("reshelf_rules_store_failures_total") == 1
    assert "away" in again.live.why
    publish(store, "c")
    away.is_away = False
    await again.live.look()
    assert again.ids == ["c"]
    assert again.live.why == ""


async def test_a_store_that_hangs_does_not_hold_up_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "START_SECONDS", 0.05)
    store = MemoryReleases()
    publish(store, "a")
    await Following(store, tmp_path).live.open()
    away = Away(store)
    away.hangs = threading.Event()
    again = Following(away, tmp_path)
    await again.live.open()
    assert again.ids == ["a"]
    away.hangs.set()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"number": 1}', '{"number": 1, "format": 1}'])
async def test_a_damaged_last_good_version_is_no_version(tmp_path: Path, content: str) -> None:
    following = Following(Away(MemoryReleases()), tmp_path)
    following.last_good.file.write_text(content)
    await following.live.open()
    assert following.live.current is None


async def test_a_new_sidecar_goes_back_to_what_it_can_use(tmp_path: Path) -> None:
    damageable = damageable_memory()
    for name in ("a", "b", "c"):
        publish(damageable.store, name)
    for number in (2, 3):
        damageable.change(number, {"who": "mallory"})
    following = Following(damageable.store, tmp_path)
    await following.live.open()
    assert following.ids == ["a"]
    assert following.figure("reshelf_rules_behind") == 1


async def test_going_back_is_tried_again_when_the_store_was_away(tmp_path: Path) -> None:
    damageable = damageable_memory()
    publish(damageable.store, "a")
    publish(damageable.store, "b")
    damageable.change(2, {"who": "mallory"})
    store = damageable.store
    get, failed = store.get, []

    def away_once(number: int) -> Any:
        if not failed:
            failed.append(number)
            raise ReleasesUnavailable("away")
        return get(number)

    store.get = away_once  # type: ignore[method-assign]
    following = Following(store, tmp_path)
    await following.live.open()
    assert following.live.current is None
    await following.live.look()
    assert following.ids == ["a"]


async def test_a_history_that_is_gone_takes_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "WHOLE_LOOK_SECONDS", 0)
    store = MemoryReleases()
    publish(store, "a")
    publish(store, "b")
    following = Following(store, tmp_path)
    await following.live.open()
    store.kept.clear()
    await following.live.look()
    assert following.ids == ["b"]
    assert "no versions any more" in following.live.why
    publish(store, "anew")
    await following.live.look()
    assert following.ids == ["anew"]
    assert following.live.why == ""


async def test_the_first_version_of_an_empty_store_is_taken_up_at_once(tmp_path: Path) -> None:
    before = MemoryReleases()
    for name in ("a", "b", "c"):
        publish(before, name)
    await Following(before, tmp_path).live.open()
    store = MemoryReleases()
    following = Following(store, tmp_path)
    await following.live.open()
    await following.live.look()
    assert following.ids == ["c"], "the last good one"
    publish(store, "anew")
    await following.live.look()
    assert following.ids == ["anew"], "though its number is lower"


async def test_the_last_good_version_cannot_be_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("no folder")
    store = MemoryReleases()
    publish(store, "a")
    following = Following(store, tmp_path / "file")
    await following.live.open()
    assert following.ids == ["a"]
    assert "cannot be kept" in caplog.text


async def test_it_follows_beside_the_searches(tmp_path: Path) -> None:
    store = FolderReleases(tmp_path / "releases")
    first, second = Following(store, tmp_path / "one"), Following(store, tmp_path / "two")
    runs = [asyncio.create_task(one.live.run()) for one in (first, second)]
    try:
        publish(store, "a")
        async with asyncio.timeout(5):
            while not (first.ids == second.ids == ["a"]):  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
    finally:
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
