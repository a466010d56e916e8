"""A shopper's profile, read while the relevance stage works."""

import asyncio
from typing import Protocol

from sidecar.domain.deadline import Deadline
from sidecar.profiles.keying import ShopperKeys
from sidecar.profiles.store import StoreUnavailable
from sidecar.taste.state import Taste


class ReadsProfiles(Protocol):
    """Where profiles are: `profiles.Profiles`."""

    async def read(self, shopper: ShopperKeys, deadline: Deadline) -> Taste | None:
        """The shopper's taste, or None. Raises StoreUnavailable."""
        ...


class ProfileReading:
    """One read under way. It may take as long as the search does; the search waits for it `patience` seconds
    beyond the relevance stage at most."""

    def __init__(
        self, profiles: ReadsProfiles, shopper: ShopperKeys, deadline: Deadline, patience: float
    ) -> None:
        self._patience = patience
        self._task = asyncio.ensure_future(profiles.read(shopper, deadline))
        # A search may end without asking for the result; the read ends by itself: cancelling it could cost a
        # connection.
        self._task.add_done_callback(_noticed)

    async def result(self, deadline: Deadline) -> Taste | None:
        """The taste, or None. Raises StoreUnavailable, also where it does not come in time: within the
        patience, and until the stage's deadline."""
        if not self._task.done():
            # What came while the event loop was busy with relevance is not late.
            await asyncio.sleep(0)
            await asyncio.wait([self._task], timeout=min(self._patience, deadline.remaining()))
        if not self._task.done():
            raise StoreUnavailable("the profile did not come in time")
        return self._task.result()


def _noticed(task: "asyncio.Future[Taste | None]") -> None:
    if not task.cancelled():
        task.exception()  # else asyncio logs that nobody asked
