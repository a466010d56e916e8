"""One contract, every log of what was served. The real OpenSearch is asked as well."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.config.served import ServedOpenSearch
from sidecar.domain.event import EventKind
from sidecar.opensearch.served_log import OpenSearchServedLog
from sidecar.served.log import ServedLog, ServedLogUnavailable
from sidecar.served.memory import MemoryServedLog
from sidecar.served.packed import PackedList
from sidecar.served.sqlite import SqliteServedLog
from tests.fixtures.served_lists import NOW, assert_same, key, outcome, served_list

DAY = 86_400.0


@pytest.fixture(params=["memory", "sqlite", pytest.param("opensearch", marks=pytest.mark.stack)])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ServedLog]:
    """An empty log of each kind, whose clock says NOW."""
    made: ServedLog
    if request.param == "memory":
        made = MemoryServedLog(10_000_000)
    elif request.param == "sqlite":
        made = SqliteServedLog(tmp_path / "served.db")
    else:
        node = request.getfixturevalue("plain_node")
        settings = ServedOpenSearch(url=node.url, index=f"served-{secrets.token_hex(4)}")
        made = OpenSearchServedLog(settings, clock=lambda: NOW)
    yield made
    await made.close()


def packed(*args, **kwargs) -> PackedList:
    return PackedList.of(served_list(*args, **kwargs))


async def collected(log: ServedLog, since: float = 0.0, until: float = 2 * NOW):
    return [row async for row in log.rows(since, until)]


async def test_a_list_is_found_at_once_as_it_was(log: ServedLog) -> None:
    given = served_list("q", hits=100, attributes="abcdef", slopes="xyz", features="ghijklm")
    await log.add([PackedList.of(given)])
    (found,) = await log.get([key("q")])
    assert found is not None
    assert_same(given, found.opened())


async def test_a_list_without_hits_is_a_list(log: ServedLog) -> None:
    given = served_list("q", hits=0, vectors=3)
    await log.add([PackedList.of(given)])
    await log.add([PackedList.of(served_list("q", hits=0, page=(10, 10), vectors=3))])
    (found,) = await log.get([key("q")])
    assert found is not None
    assert_same(replace(given, page_size=20), found.opened())
    (row,) = await collected(log)
    assert list(row.served.ids) == []
    assert await log.count(0, 2 * NOW) == 1


async def test_lists_are_answered_in_the_order_asked(log: ServedLog) -> None:
    await log.add([packed(f"q{number}", seed=number) for number in range(20)])
    wanted = [key(name) for name in ("q7", "never", "q3", "q19")]
    found = await log.get(wanted)
    assert [one.query if one else None for one in found] == [wanted[0], None, wanted[2], wanted[3]]


async def test_nothing_asked_nothing_answered(log: ServedLog) -> None:
    await log.add([])
    await log.add_outcomes([])
    assert await log.get([]) == []
    assert await log.get([key("q")]) == [None]
    assert await collected(log) == []
    assert await log.count(0, NOW) == 0


async def test_an_old_list_is_found(log: ServedLog) -> None:
    await log.add([packed("old", time=NOW - 9 * DAY), packed("new")])
    await log.count(0, NOW)  # the old ones are searched for, and seen after a refresh
    old, new = await log.get([key("old"), key("new")])
    assert old is not None
    assert new is not None


async def test_the_next_page_of_a_query_joins_the_first(log: ServedLog) -> None:
    await log.add([packed(hits=50, page=(0, 10))])
    await log.add([packed(hits=50, page=(10, 10), time=NOW + 4)])
    (found,) = await log.get([key("q")])
    assert found is not None
    assert (found.page_start, found.page_size) == (0, 20)
    assert found.opened().page_size == 20


async def test_another_order_of_the_same_query_replaces_it(log: ServedLog) -> None:
    await log.add([packed(ids=["a", "b", "c"], page=(0, 3))])
    await log.add([packed(ids=["c", "b", "a"], page=(1, 2), time=NOW + 4)])
    (found,) = await log.get([key("q")])
    assert found is not None
    assert list(found.opened().ids) == ["c", "b", "a"]
    assert (found.page_start, found.page_size) == (1, 2)


async def test_pages_around_midnight_are_one_list(log: ServedLog) -> None:
    midnight = NOW - NOW % DAY
    await log.add([packed(hits=30, time=midnight - 2, page=(0, 10))])
    await log.add([packed(hits=30, time=midnight + 2, page=(10, 10))])
    (found,) = await log.get([key("q")])
    assert found is not None
    assert (found.page_start, found.page_size) == (0, 20)


async def test_outcomes_are_kept_once_and_by_time(log: ServedLog) -> None:
    await log.add([packed()])
    late = outcome(event="late", time=NOW + 9, kind=EventKind.PURCHASE)
    early = outcome(event="early", time=NOW + 2)
    await log.add_outcomes([late, early])
    await log.add_outcomes([early, late])
    assert await log.outcomes([key("q"), key("other")]) == [[early, late], []]


async def test_events_of_one_moment_are_all_kept(log: ServedLog) -> None:
    await log.add([packed()])
    told = [outcome(event=f"e{number}") for number in range(1100)]
    await log.add_outcomes(told)
    (found,) = await log.outcomes([key("q")])
    assert sorted(found, key=lambda one: one.digest) == sorted(told, key=lambda one: one.digest)


async def test_rows_are_by_time_with_their_outcomes(log: ServedLog) -> None:
    await log.add([packed(f"q{number}", time=NOW - number, seed=number) for number in range(450)])
    await log.add_outcomes([outcome("q3"), outcome("q401", event="e2")])
    rows = await collected(log, NOW - 440, NOW - 2)
    assert [row.served.query for row in rows] == [key(f"q{number}") for number in range(440, 2, -1)]
    assert [row.served.query for row in rows if row.outcomes] == [key("q401"), key("q3")]
    assert await log.count(NOW - 440, NOW - 2) == 438


async def test_a_shopper_is_forgotten(log: ServedLog) -> None:
    await log.add([packed("q1", "anna"), packed("q2", "bert"), packed("q3", "")])
    await log.add_outcomes([outcome("q1", "anna", event="1"), outcome("q2", "bert", event="2")])
    assert await log.forget([key("anna"), b""], NOW + 60) == 2
    assert await log.get([key("q1")]) == [None]
    assert [row.served.query for row in await collected(log)] in (
        [key("q2"), key("q3")],
        [key("q3"), key("q2")],
    )
    assert await log.outcomes([key("q1")]) == [[]]


async def test_what_comes_late_does_not_bring_the_shopper_back(log: ServedLog) -> None:
    await log.forget([key("anna")], NOW + 60)
    await log.add([packed("before", "anna"), packed("after", "anna", time=NOW + 61), packed("other", "bert")])
    await log.add_outcomes(
        [outcome("other", "anna", event="1"), outcome("after", "anna", event="2", time=NOW + 62)]
    )
    before, after, other = await log.get([key("before"), key("after"), key("other")])
    assert before is None
    assert after is not None
    assert other is not None
    assert [len(found) for found in await log.outcomes([key("other"), key("after")])] == [0, 1]


async def test_what_is_old_goes(log: ServedLog) -> None:
    await log.add([packed("old", time=NOW - 9 * DAY), packed("new")])
    await log.add_outcomes([outcome("old", time=NOW - 9 * DAY)])
    assert await log.expire(NOW - 7 * DAY) == 1
    assert [one is None for one in await log.get([key("old"), key("new")])] == [True, False]
    assert await log.outcomes([key("old")]) == [[]]


async def test_many_at_once(log: ServedLog) -> None:
    batches = [[packed(f"q{batch}-{number}") for number in range(25)] for batch in range(8)]
    await asyncio.gather(*(log.add(batch) for batch in batches))
    found = await log.get([key(f"q{batch}-{number}") for batch in range(8) for number in range(25)])
    assert None not in found


async def test_odd_words_survive(log: ServedLog) -> None:
    given = served_list(ids=["", "跑鞋", "a\x00b", "x" * 600, "👟"], device="", shopper="")
    await log.add([PackedList.of(given)])
    (found,) = await log.get([key("q")])
    assert found is not None
    assert_same(given, found.opened())


@pytest.mark.parametrize(
    "absent",
    [
        lambda tmp: OpenSearchServedLog(ServedOpenSearch(url="http://127.0.0.1:9", timeout_ms=500)),
        lambda tmp: SqliteServedLog(tmp / "file" / "served.db"),
    ],
    ids=["opensearch", "sqlite"],
)
async def test_a_log_that_is_away_says_so_without_keys(
    absent: Callable[[Path], ServedLog], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("a file where a folder is needed")
    with pytest.raises(ServedLogUnavailable) as raised:
        await absent(tmp_path).add([packed()])
    assert key("anna").hex() not in str(raised.value)
    assert key("q").hex() not in str(raised.value)
