"""Events do their work once, in order, and none is lost on the way."""

from pathlib import Path

import pytest

from sidecar.config.engagement import Engagement
from sidecar.domain.event import EventKind
from sidecar.profiles.keying import ShopperKeys
from sidecar.profiles.memory_store import MemoryStore
from sidecar.served.memory import MemoryServedLog
from sidecar.taste import update as learning
from tests.fixtures.applying import Bench, bench, event
from tests.fixtures.breaking_store import Away
from tests.fixtures.served_lists import NOW, key, served_list


async def learned(found: Bench, name: str = "anna") -> int:
    (taste,) = await found.tastes(key(name))
    return taste.learned if taste else 0


async def test_a_click_changes_the_profile(tmp_path: Path) -> None:
    async with bench(tmp_path) as found:
        found.served.add(served_list())
        await found.settle(event())
        (taste,) = await found.tastes(key("anna"))
        assert taste is not None
        assert taste.learned == 1
        assert len(taste.keys)
        assert found.journal.behind == 0
        assert found.figure("reshelf_events_attributed_total", result="hit") == 1


async def test_a_list_is_known_from_the_moment_it_was_served(tmp_path: Path) -> None:
    """No flush between the search and its event."""
    async with bench(tmp_path) as found:
        for number in range(50):
            found.served.add(served_list(f"q{number}", f"s{number}"))
            await found.settle(event(f"q{number}", f"s{number}"))
        assert [await learned(found, f"s{number}") for number in range(50)] == [1] * 50


async def test_each_event_counts_once_however_often_the_journal_is_read(tmp_path: Path) -> None:
    store, log = MemoryStore(), MemoryServedLog(10_000_000)
    async with bench(tmp_path, store=store, log=log) as found:
        found.served.add(served_list())
        await found.settle(event(object_id="p1"), event(object_id="p2"))
        before = store._entries[b"p:" + key("anna")].stored
    for _ in range(3):
        async with bench(tmp_path, store=store, log=log) as again:
            await again.applier.settle()
            assert again.figure("reshelf_events_applied_total", outcome="duplicate") == 2
    assert store._entries[b"p:" + key("anna")].stored == before


async def test_a_crash_before_the_checkpoint_loses_nothing(tmp_path: Path) -> None:
    store, log = MemoryStore(), MemoryServedLog(10_000_000)
    async with bench(tmp_path, store=store, log=log) as found:
        found.served.add(served_list())
        await found.served.flush()
        await found.accept(event(object_id="p1"))
        await found.applier.rewind("start")
        await found.applier.step()
        await found.applier._drop_checkpoint()
        await found.accept(event(object_id="p2"))
    async with bench(tmp_path, store=store, log=log) as again:
        await again.applier.settle()
        assert await learned(again) == 2


async def test_a_store_that_lost_its_last_writes_gets_them_again(tmp_path: Path) -> None:
    store = Away()
    async with bench(tmp_path, store=store) as found:
        found.served.add(served_list())
        await found.settle(event(object_id="p1"))
        kept = store.kept()
        await found.settle(event(object_id="p2"), event(object_id="p3"))
        assert await learned(found) == 3
        store.lose(kept)
        assert await learned(found) == 1
        await found.settle(event(object_id="p4"))
        assert await learned(found) == 4
        assert found.figure("reshelf_journal_replays_total", reason="store_lost_writes") == 1


async def test_what_was_lost_before_the_next_checkpoint_is_found_out(tmp_path: Path) -> None:
    store = Away()
    async with bench(tmp_path, store=store, engagement=Engagement(flush_ms=60_000)) as found:
        found.served.add(served_list())
        await found.settle(event(object_id="p1"))
        kept = store.kept()
        await found.accept(event(object_id="p2"))
        await found.applier.step()
        store.lose(kept)
        await found.settle(event(object_id="p3"))
        assert await learned(found) == 3
        assert found.figure("reshelf_journal_replays_total", reason="store_lost_writes") == 1


async def test_while_the_store_is_away_events_wait_in_order(tmp_path: Path) -> None:
    import asyncio

    store = Away()
    async with bench(tmp_path, store=store) as found:
        found.served.add(served_list())
        running = asyncio.create_task(found.applier.run())
        store.away = True
        await found.accept(event(object_id="p1"), event(object_id="p2"))
        await asyncio.sleep(0.15)
        assert found.journal.behind == 2
        assert found.figure("reshelf_applier_waits_total") >= 1
        store.away = False
        async with asyncio.timeout(5):
            while found.journal.behind:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        running.cancel()
        assert await learned(found) == 2


async def test_an_event_that_fails_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = learning.update

    def failing(taste, told, *rest):
        if told.object_id == "p2":
            raise ZeroDivisionError
        return real(taste, told, *rest)

    monkeypatch.setattr("sidecar.feedback.apply.update", failing)
    async with bench(tmp_path) as found:
        found.served.add(served_list())
        await found.settle(event(object_id="p1"), event(object_id="p2"), event(object_id="p3"))
        assert await learned(found) == 2
        assert found.figure("reshelf_events_set_aside_total") == 1
        assert found.journal.behind == 0


async def test_events_of_unknown_searches_and_hits_are_told_apart(tmp_path: Path) -> None:
    async with bench(tmp_path) as found:
        found.served.add(served_list())
        await found.settle(
            event("never"),
            event("", object_id="p1"),
            event(object_id="elsewhere"),
            event(object_id=""),
            event(kind=EventKind.OTHER),
            event(),
        )
        results = {
            result: found.figure("reshelf_events_attributed_total", result=result)
            for result in ("unknown_query", "no_query", "not_served", "no_object", "other_action", "hit")
        }
        assert results == dict.fromkeys(results, 1)


async def test_who_logs_in_takes_the_taste_along(tmp_path: Path) -> None:
    async with bench(tmp_path) as found:
        found.served.add(served_list())
        await found.settle(event(object_id="p1"))
        await found.settle(event(object_id="p2", user="ann", time=NOW + 9))
        user, client = await found.tastes(key("user ann"), key("anna"))
        assert user is not None
        assert user.learned == 2
        assert client is None or client.learned == 0


async def test_a_forgotten_shopper_is_not_brought_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as found:
        found.served.add(served_list())
        await found.settle(event(object_id="p1"))
        forgotten = await found.profiles.forget(ShopperKeys((key("anna"),)))
        found.served.forget(forgotten)
        await found.served.log.forget(forgotten, NOW + 60)
        await found.settle(event(object_id="p2", time=NOW + 9))
        assert await learned(found) == 0
        assert found.figure("reshelf_events_applied_total", outcome="forgotten") == 1
        assert await found.served.log.outcomes([key("q")]) == [[]]


async def test_outcomes_are_kept_with_their_list(tmp_path: Path) -> None:
    async with bench(tmp_path) as found:
        found.served.add(served_list())
        await found.settle(event(object_id="p3", position=4, dwell=7.0), event("", "bert"))
        ((kept,),) = await found.served.log.outcomes([key("q")])
        assert (kept.object_id, kept.place, kept.position, kept.dwell) == ("p3", 3, 4, 7.0)
        assert kept.client == key("anna")


async def test_a_late_event_of_a_forgotten_shopper_joins_nobody(tmp_path: Path) -> None:
    async with bench(tmp_path) as found:
        found.served.add(served_list())
        await found.profiles.forget(ShopperKeys(users=(key("user ann"),)))
        await found.settle(event(user="ann", time=NOW + 5))
        assert await found.profiles.family(ShopperKeys((key("anna"),))) == [key("anna")]


async def test_a_list_that_cannot_be_counted_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_):
        raise ZeroDivisionError

    async with bench(tmp_path, engagement=Engagement(flush_ms=20, page_close_seconds=60)) as found:
        monkeypatch.setattr("sidecar.feedback.engagement.examined", failing)
        found.served.add(served_list())
        found.served.add(served_list("later", "bert"))
        await found.settle(
            event(), event("later", "bert", time=NOW + 200), event(object_id="p3", time=NOW + 210)
        )
        assert found.figure("reshelf_events_set_aside_total") == 1
        assert await learned(found) == 2
        assert found.journal.behind == 0
