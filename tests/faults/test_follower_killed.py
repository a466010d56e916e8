"""Two sidecars follow one shop's events and are killed at random moments: each event is taken in once."""

import asyncio
import random
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from opensearchpy import OpenSearch, helpers

from sidecar.config.events import JournalSettings
from sidecar.feedback.journal import Journal
from sidecar.opensearch.connection import connect
from sidecar.profiles.keying import Keys
from sidecar.stack.opensearch_node import OpenSearchNode
from tests.fixtures.events import SECRET, ubi

ROOT = Path(__file__).parents[2]
ROUNDS = 6
A_ROUND = 150
KEYS = Keys([SECRET])


class Follower:
    """A process that follows, into a folder's journal, of which it says how many events are there."""

    def __init__(self, process: Process, news: asyncio.Event) -> None:
        """`news` is set whenever there are more."""
        self._process = process
        self._news = news
        self.events = 0

    async def follow(self) -> None:
        """Reads what it says for as long as it lives."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.events = int(line)
            self._news.set()


@asynccontextmanager
async def follower(folder: Path, url: str, news: asyncio.Event) -> AsyncIterator[Follower]:
    """One that listens; killed at the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fixtures.event_process", str(folder), "--follow", url),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    found = Follower(process, news)
    try:
        # It must be listening before it can be killed in the middle of something.
        await process.stdout.readline()
        reading = asyncio.create_task(found.follow())
        yield found
    finally:
        process.kill()
        await process.wait()
    await reading


def write(client: OpenSearch, first: int) -> None:
    events = [ubi(number, client_id=f"client-{number}") for number in range(first, first + A_ROUND)]
    helpers.bulk(client, ({"_index": "ubi_events", "_source": event} for event in events))


async def kept(folders: list[Path]) -> Counter[bytes]:
    """How often each client's event is in the journals."""
    found: Counter[bytes] = Counter()
    for folder in folders:
        journal = Journal(JournalSettings(), folder)
        journal.open()
        found.update(event.client for _, event in await journal.read(0, 1_000_000))
        await journal.close()
    return found


@pytest.mark.stack
async def test_each_event_is_taken_in_once(followed_node: OpenSearchNode, tmp_path: Path) -> None:
    client, chance, news = connect(followed_node.url), random.Random(11), asyncio.Event()
    client.indices.create(index="ubi_events", body={"settings": {"number_of_shards": 2}})
    folders = [tmp_path / "one", tmp_path / "two"]
    try:
        for number in range(ROUNDS):
            async with follower(folders[number % 2], followed_node.url, news):
                await asyncio.to_thread(write, client, number * A_ROUND)
                await asyncio.sleep(chance.uniform(0.0, 0.5))
        # Both at once: one of them leads, and each fetches what it had claimed.
        async with (
            follower(folders[0], followed_node.url, news) as one,
            follower(folders[1], followed_node.url, news) as two,
            asyncio.timeout(120),
        ):
            while one.events + two.events < ROUNDS * A_ROUND:
                news.clear()
                await news.wait()
        total = Counter(KEYS.client(f"client-{number}") for number in range(ROUNDS * A_ROUND))
        found = await kept(folders)
        assert found == total, f"{(total - found).total()} are missing, {(found - total).total()} too many"
    finally:
        client.indices.delete(index="ubi_events,reshelf-follower")
        client.close()
