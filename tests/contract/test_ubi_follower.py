"""The shop's own UBI indices are followed, through takeovers and rollovers, on a twin and on OpenSearch."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch, helpers

from sidecar.config.events import Follow
from sidecar.opensearch.connection import connect
from sidecar.opensearch.follow_lease import Claim, LeaseDocument
from sidecar.opensearch.ubi_follower import UbiFollower
from sidecar.profiles.keying import Keys
from sidecar.stack.ports import free_port
from tests.fixtures.events import SECRET, WayIn, needs_sample, sample_events, ubi, way_in
from tests.fixtures.twin_cluster import TwinCluster

KEYS = Keys([SECRET])


Cluster = OpenSearch | TwinCluster


@pytest.fixture(params=["twin", pytest.param("opensearch", marks=pytest.mark.stack)])
def client(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster without indices."""
    if request.param == "twin":
        yield TwinCluster()
        return
    client = connect(request.getfixturevalue("followed_node").url)
    yield client
    for name in client.indices.get(index="*", params={"expand_wildcards": "all"}):
        client.indices.delete(index=name)


def settings(**more: Any) -> Follow:
    return Follow.model_validate({"enabled": True, "poll_ms": 50, "lease_ms": 1000, "page": 50, **more})


@asynccontextmanager
async def following(where: WayIn, client: Cluster, **more: Any) -> AsyncIterator[asyncio.Task[None]]:
    """A follower that is stopped in good order at the end."""
    task = asyncio.create_task(UbiFollower(settings(**more), client, where.intake).run())  # type: ignore[arg-type]
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def killed(task: asyncio.Task[None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends a follower without a chance to give its lease back, as kill -9 does."""
    with monkeypatch.context() as patch:
        patch.setattr(UbiFollower, "_release", lambda _: asyncio.sleep(0))
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        await asyncio.sleep(0.02)


def write(client: Cluster, events: list[dict[str, Any]], index: str = "ubi_events") -> None:
    if isinstance(client, TwinCluster):
        for event in events:
            client.index(index=index, body=event)
    else:
        helpers.bulk(client, ({"_index": index, "_source": event} for event in events))


def apart(first: int, count: int) -> list[dict[str, Any]]:
    """Events of as many clients."""
    return [ubi(number, client_id=f"client-{number}") for number in range(first, first + count)]


async def clients(*wheres: WayIn) -> Counter[bytes]:
    """How often each client's event was taken in, by all."""
    entries = [entry for where in wheres for entry in await where.journal.read(0, 1_000_000)]
    return Counter(event.client for _, event in entries)


def expected(first: int, count: int) -> Counter[bytes]:
    return Counter(KEYS.client(f"client-{number}") for number in range(first, first + count))


async def test_events_of_before_and_while(client: Cluster, tmp_path: Path) -> None:
    client.indices.create(
        index="ubi_events", body={"settings": {"number_of_shards": 3, "refresh_interval": "30s"}}
    )
    write(client, apart(0, 400))
    async with way_in(tmp_path) as where, following(where, client):
        await until(lambda: where.journal.last == 400)
        for start in range(400, 700, 30):
            await asyncio.to_thread(write, client, apart(start, 30))
        await until(lambda: where.journal.last == 700)
        began = time.monotonic()
        write(client, apart(700, 1))
        await until(lambda: where.journal.last == 701)
        assert time.monotonic() - began < 5
        assert await clients(where) == expected(0, 701)
        sample = where.metrics.registry.get_sample_value
        assert sample("reshelf_follower_leads") == 1
        await until(lambda: sample("reshelf_follower_behind") == 0)


async def test_no_index_yet_then_one_then_another_of_the_name(client: Cluster, tmp_path: Path) -> None:
    async with way_in(tmp_path) as where, following(where, client):
        await asyncio.sleep(0.3)
        write(client, apart(0, 20))
        await until(lambda: where.journal.last == 20)
        client.indices.delete(index="ubi_events")
        await asyncio.sleep(0.2)
        write(client, apart(20, 5))
        await until(lambda: where.journal.last == 25)
        assert await clients(where) == expected(0, 25)


async def test_an_alias_that_rolls_over(client: Cluster, tmp_path: Path) -> None:
    client.indices.create(index="ubi-1", body={"aliases": {"ubi_events": {"is_write_index": True}}})
    async with way_in(tmp_path) as where, following(where, client):
        write(client, apart(0, 60))
        client.indices.rollover(alias="ubi_events", new_index="ubi-2")
        write(client, apart(60, 60))
        await until(lambda: where.journal.last == 120)
        client.indices.delete(index="ubi-1")
        write(client, apart(120, 60))
        await until(lambda: where.journal.last == 180)
        assert await clients(where) == expected(0, 180)


async def test_a_restart_goes_on_where_it_was(
    client: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(client, apart(0, 130))
    async with way_in(tmp_path) as where, following(where, client) as task:
        await until(lambda: where.journal.last >= 50)
        await killed(task, monkeypatch)
    write(client, apart(130, 20))
    async with way_in(tmp_path, journal={"repeats_events": 1000}) as where:
        before = where.journal.last
        async with following(where, client):
            await until(lambda: where.journal.last == 150)
        repeated = where.metrics.registry.get_sample_value(
            "reshelf_events_total", {"source": "follower", "outcome": "repeated"}
        )
        assert not repeated, "nothing was read twice"
        assert before < 150
        assert await clients(where) == expected(0, 150)


async def test_a_lease_that_was_lost(client: Cluster, tmp_path: Path) -> None:
    write(client, apart(0, 100))
    async with way_in(tmp_path) as where:
        async with following(where, client):
            await until(lambda: where.journal.last == 100)
        client.indices.delete(index="reshelf-follower")
        async with following(where, client):
            write(client, apart(100, 10))
            await until(lambda: where.journal.last == 110)
        label = {"source": "follower", "outcome": "repeated"}
        assert not where.metrics.registry.get_sample_value("reshelf_events_total", label)


async def test_one_of_two_follows_and_the_other_takes_over(
    client: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(client, apart(0, 100))
    async with way_in(tmp_path / "one") as one, way_in(tmp_path / "two") as two:
        async with following(one, client) as first:
            await until(lambda: one.journal.last == 100)
            async with following(two, client):
                write(client, apart(100, 100))
                await until(lambda: one.journal.last == 200)
                assert two.journal.last == 0
                await killed(first, monkeypatch)
                write(client, apart(200, 100))
                await until(lambda: two.journal.last == 100)
        assert await clients(one, two) == expected(0, 300)
        # In good order: at once.
        async with following(one, client, lease_ms=60_000):
            write(client, apart(300, 10))
            await until(lambda: one.journal.last == 210)


async def test_what_was_claimed_by_one_that_died_is_its_own_when_it_is_back(
    client: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(client, apart(0, 120))
    async with way_in(tmp_path / "one") as one, way_in(tmp_path / "two") as two:

        async def die(*_: object) -> None:
            raise asyncio.CancelledError

        with monkeypatch.context() as patch:
            patch.setattr(UbiFollower, "_keep", die)
            patch.setattr(UbiFollower, "_release", lambda _: asyncio.sleep(0))
            with pytest.raises(asyncio.CancelledError):
                await UbiFollower(settings(), client, one.intake).run()
        async with following(two, client):
            await until(lambda: two.journal.last == 70)
            async with following(one, client):
                await until(lambda: one.journal.last == 50)
                # Kept first, given back after: a death between the two reads it once more.
                lease = LeaseDocument(client, "reshelf-follower", "ubi_events")
                await until(lambda: not lease.read().claims)
        assert await clients(one, two) == expected(0, 120)


async def test_two_that_write_at_once(client: Cluster) -> None:
    one, two = (LeaseDocument(client, "reshelf-follower", "ubi_events") for _ in range(2))
    first, second = one.read(), two.read()
    assert one.write(first.taken(1, [])) is not None
    assert two.write(second.taken(2, [])) is None
    held = two.read()
    assert held.holder == 1
    claim = Claim(1, "i", "u", 0, -1, 5)
    assert one.write(held.taken(1, [claim])) is not None
    assert two.write(held.taken(2, [])) is None
    again = two.read()
    assert (again.claims, again.positions) == ((claim,), {"u/0": 5})


async def test_documents_that_are_no_events(client: Cluster, tmp_path: Path) -> None:
    write(client, [*apart(0, 3), {"action_name": ["one", "two"]}, {"something": "else"}])
    client.index(index="ubi_events", id="one", body=apart(3, 1)[0])
    client.index(index="ubi_events", id="one", body=apart(4, 1)[0])
    client.index(index="ubi_events", id="two", body=apart(5, 1)[0])
    client.delete(index="ubi_events", id="two")
    async with way_in(tmp_path) as where, following(where, client):
        await until(lambda: where.journal.last >= 4)
        assert await clients(where) == expected(0, 3) + expected(4, 1)
        sample = where.metrics.registry.get_sample_value
        assert sample("reshelf_events_total", {"source": "follower", "outcome": "refused"}) == 2


@pytest.mark.parametrize(
    "mapping", [{"query_id": {"type": "keyword"}, "client_id": {"type": "keyword"}}, None]
)
async def test_the_client_of_a_search(
    client: Cluster, tmp_path: Path, mapping: dict[str, Any] | None
) -> None:
    client.indices.create(index="ubi_queries", body={"mappings": {"properties": mapping}} if mapping else {})
    write(client, [{"query_id": "q-1", "client_id": "client-7", "user_query": "shoes"}], "ubi_queries")
    client.indices.refresh(index="ubi_queries")
    write(client, [ubi(1, client_id=None, query_id="q-1"), ubi(2, client_id=None, query_id="q-2")])
    async with way_in(tmp_path) as where, following(where, client):
        await until(lambda: where.journal.last == 2)
        assert await clients(where) == Counter([KEYS.client("client-7"), b""])


async def test_an_outage_is_waited_for_and_told(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where:
        away = connect(f"http://127.0.0.1:{free_port()}", timeout=5)
        async with following(where, away) as task:
            sample = where.metrics.registry.get_sample_value
            name, label = "reshelf_follower_failures_total", {"reason": "unreachable"}
            await until(lambda: (sample(name, label) or 0) >= 2)
            assert not task.done()
            assert sample("reshelf_follower_leads") == 0


async def test_after_an_outage_nothing_is_missing(tmp_path: Path) -> None:
    twin = TwinCluster()
    write(twin, apart(0, 60))
    async with way_in(tmp_path) as where, following(where, twin):
        sample = where.metrics.registry.get_sample_value
        await until(lambda: where.journal.last == 60)
        twin.away = True
        write(twin, apart(60, 200))
        failures, reason = "reshelf_follower_failures_total", {"reason": "unreachable"}
        await until(lambda: (sample(failures, reason) or 0) >= 2)
        assert sample("reshelf_follower_leads") == 0
        twin.away = False
        await until(lambda: where.journal.last == 260)
        await until(lambda: sample("reshelf_follower_leads") == 1)
        assert await clients(where) == expected(0, 260)


async def test_a_full_journal_is_waited_for(
    client: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.feedback.journal.BEHIND_SECONDS", 0.05)
    write(client, apart(0, 300))
    async with way_in(tmp_path, journal={"events": 100}) as where, following(where, client):
        # Only so many applied ones are kept as may wait: they are counted as they come.
        found: Counter[bytes] = Counter()
        while sum(found.values()) < 300:
            await until(lambda: where.journal.behind >= 50)
            entries = await where.journal.read(where.journal.cursor, 1000)
            found.update(event.client for _, event in entries)
            await where.journal.applied(entries[-1][0])
        assert found == expected(0, 300)


@needs_sample
async def test_the_real_sample(client: Cluster, tmp_path: Path) -> None:
    write(client, list(sample_events()))
    async with (
        way_in(tmp_path, max_age_days=36_500, max_events=5000) as where,
        following(where, client, page=500),
    ):
        sample = where.metrics.registry.get_sample_value
        outcomes = ("accepted", "repeated", "crawler", "too_many")

        def taken() -> float:
            label = [{"source": "follower", "outcome": outcome} for outcome in outcomes]
            return sum(sample("reshelf_events_total", labels) or 0 for labels in label)

        await until(lambda: taken() == 3448, 60)
        assert sample("reshelf_events_total", {"source": "follower", "outcome": "refused"}) is None
        body = json.dumps(list(sample_events()))
        async with where.client() as http:
            again = (await http.post("/v1/events", content=body)).json()
        assert again["accepted"] == 0, "both roads know the same events"
