"""Records that cannot be read are moved out of the way, kept for a while, and counted."""

import logging
from collections.abc import Callable, Sequence

from sidecar.profiles.keyspace import SET_ASIDE
from sidecar.profiles.store import RecordStore, Write

KEPT_SECONDS = 14 * 24 * 3600.0

log = logging.getLogger(__name__)

Count = Callable[[str], None]
"""Told of each unreadable record why it is not read, in a few fixed words."""


async def set_aside(store: RecordStore, records: Sequence[tuple[bytes, bytes]], why: str) -> None:
    """Keeps a copy of (key, bytes) pairs for two weeks. Raises StoreUnavailable.

    The first copy of a key stays: it is the one to look at.
    """
    await store.put([Write(SET_ASIDE + key, value, 0, KEPT_SECONDS) for key, value in records])
    log.warning("%d record(s) set aside: %s", len(records), why)
