"""The kill switch: personalization on or off for all sidecars that share a store, within half a second."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from sidecar.profiles.change import edit
from sidecar.profiles.keyspace import SWITCH
from sidecar.profiles.marks import Kind, Record, RecordType, UnreadableRecord, unpack
from sidecar.profiles.store import RecordStore, StoreUnavailable

TYPE = RecordType(Kind.SWITCH, 1, 10 * 365 * 24 * 3600.0)
POLL_SECONDS = 0.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Position:
    """Where the switch stands. `since` is in seconds since 1970, 0: it was never touched."""

    enabled: bool = True
    since: float = 0.0
    why: str = ""
    who: str = ""


class Switch:
    """The switch as this process knows it. A store that is away leaves it where it is."""

    def __init__(self, store: RecordStore, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self.position = Position()

    @property
    def enabled(self) -> bool:
        """Whether to personalize. Reads memory only."""
        return self.position.enabled

    async def set(self, enabled: bool, *, why: str = "", who: str = "") -> Position:
        """Turns it; for this process at once. Raises StoreUnavailable: then for this one only."""
        position = Position(enabled, self._clock(), why, who)
        self.position = position
        payload = json.dumps(asdict(position), ensure_ascii=False).encode()
        await edit(self._store, SWITCH, lambda _: Record(payload), TYPE)
        return position

    async def refresh(self) -> Position:
        """Reads where it stands. Raises StoreUnavailable."""
        (stored,) = await self._store.get([SWITCH])
        try:
            position = Position(**json.loads(unpack(stored.value, TYPE).payload)) if stored else Position()
        except (UnreadableRecord, ValueError, TypeError):
            log.warning("the record of the switch cannot be read: `reshelf personalization on|off` writes it")
            return self.position
        if position.enabled != self.position.enabled:
            log.warning("personalization is switched %s", "on" if position.enabled else "off")
        self.position = position
        return position

    async def run(self) -> None:
        """Follows the store until cancelled."""
        while True:
            try:
                await self.refresh()
            except StoreUnavailable:
                log.debug("the switch cannot be read; it stays where it is")
            await asyncio.sleep(POLL_SECONDS)
