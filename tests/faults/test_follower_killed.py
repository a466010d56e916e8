"""Two sidecars follow one shop's events and are killed at random moments: each event is taken in once."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def follower(folder: Path, url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that follows; killed at the end if it was not before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fixtures.event_process", str(folder), "--follow", url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


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
    client, chance = connect(followed_node.url), random.Random(11)
    client.indices.create(index="ubi_events", body={"settings": {"number_of_shards": 2}})
    folders = [tmp_path / "one", tmp_path / "two"]
    try:
        for number in range(ROUNDS):
            with follower(folders[number % 2], followed_node.url) as first:
                # It must be listening before it can be killed in the middle of something.
                assert first.stdout is not None
                first.stdout.readline()
                write(client, number * A_ROUND)
                time.sleep(chance.uniform(0.0, 0.5))  # noqa: ASYNC251 - nothing else runs here
        total = Counter(KEYS.client(f"client-{number}") for number in range(ROUNDS * A_ROUND))
        end = time.monotonic() + 60
        while True:
            # Both at once: one of them leads, and each fetches what it had claimed.
            with (
                follower(folders[0], followed_node.url) as one,
                follower(folders[1], followed_node.url) as two,
            ):
                for started in (one, two):
                    assert started.stdout is not None
                    started.stdout.readline()
                time.sleep(5)  # noqa: ASYNC251
            found = await kept(folders)
            if found == total:
                break
            assert max(found.values()) == 1, "nothing is there twice"
            assert time.monotonic() < end, f"{sum((total - found).values())} are missing"
    finally:
        client.indices.delete(index="ubi_events,reshelf-follower")
        client.close()
