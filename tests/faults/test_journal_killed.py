"""kill -9 at random moments: an acknowledged event is there, and once."""

import asyncio
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from sidecar.config.events import JournalSettings
from sidecar.feedback.journal import Journal
from sidecar.profiles.keying import Keys
from tests.fixtures.events import SECRET, ubi

ROUNDS = 6
SENDERS = 4
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def killed_at_some_moment(folder: Path, moment: float) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    """A process that takes events in, its address, and the task that kills it after `moment` seconds."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fixtures.event_process", str(folder)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )

    async def kill() -> None:
        await asyncio.sleep(moment)
        process.send_signal(signal.SIGKILL)

    assert process.stdout is not None
    address = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().split()[0]
    killing = asyncio.create_task(kill())
    try:
        yield address, killing
    finally:
        await killing
        assert await process.wait() == -signal.SIGKILL


class Sender:
    """Sends batches until nobody answers; what was not acknowledged is sent again to the next process."""

    def __init__(self, name: int) -> None:
        self._next = name * 1_000_000
        self._pending: list[int] = []
        self.acknowledged: set[int] = set()
        self.repeated = 0

    async def run(self, address: str, chance: random.Random) -> None:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            while True:
                if not self._pending:
                    size = chance.choice([1, 1, 5, 40])
                    self._pending = list(range(self._next, self._next + size))
                    self._next += size
                events = [ubi(number, client_id=f"client-{number}") for number in self._pending]
                try:
                    answer = await client.post("/v1/events", json=events)
                except httpx.TransportError:
                    return
                found = answer.json()
                assert found["accepted"] + found["repeated"] == len(events), found
                self.repeated += found["repeated"]
                self.acknowledged.update(self._pending)
                self._pending = []


async def test_an_acknowledged_event_is_there_once(tmp_path: Path) -> None:
    chance = random.Random(7)
    senders = [Sender(name) for name in range(SENDERS)]
    rounds = 0
    # On a busy machine half a second may not be enough for one answer: then there are more of them.
    while rounds < ROUNDS or sum(len(sender.acknowledged) for sender in senders) <= 200:
        rounds += 1
        async with killed_at_some_moment(tmp_path, chance.uniform(0.02, 0.5)) as (address, _):
            await asyncio.gather(*(sender.run(address, chance) for sender in senders))
    journal = Journal(JournalSettings(), tmp_path)
    journal.open()
    entries = await journal.read(0, 1_000_000)
    await journal.close()
    acknowledged = set().union(*(sender.acknowledged for sender in senders))
    digests = Counter(event.digest for _, event in entries)
    assert max(digests.values()) == 1, "nothing is there twice"
    # A batch that was on disk and not acknowledged may be there too: one for each sender.
    assert len(acknowledged) <= len(entries) <= len(acknowledged) + SENDERS * 40
    clients = Counter(event.client for _, event in entries)

    keys = Keys([SECRET])
    lost = [number for number in acknowledged if clients[keys.client(f"client-{number}")] != 1]
    assert not lost
    assert [seq for seq, _ in entries] == list(range(1, len(entries) + 1))
