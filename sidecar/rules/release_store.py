"""The contract of a store of published rules (tests/contract/test_release_stores.py)."""

from collections.abc import Sequence
from typing import Protocol

from sidecar.rules.release import Kept, Release


class ReleasesUnavailable(Exception):
    """The store did not answer, or not in time. Says which one and what to look at."""


class PublishConflict(Exception):
    """Somebody else has published meanwhile. The message says who and what to do."""

    def __init__(self, number: int, by: str = "") -> None:
        who = f" by {by}" if by else ""
        super().__init__(
            f"version {number} was published{who} meanwhile; nothing of yours was published. "
            "Look at it (reshelf rules diff), then publish again."
        )
        self.number = number


class ReleaseStore(Protocol):
    """Versions by number, from 1 or the oldest that `prune` has left, without gaps; none is ever changed.
    Methods block, and raise ReleasesUnavailable. Safe for several threads and processes."""

    def latest(self) -> Kept | None:
        """The newest version, readable or not; None before the first."""
        ...

    def get(self, number: int) -> Kept | None:
        """One version, or None."""
        ...

    def history(self, limit: int) -> Sequence[Kept]:
        """The newest versions, newest first."""
        ...

    def newer_than(self, number: int) -> Kept | None:
        """The newest version if it is newer than `number`, else None. Cheap: sidecars ask all the time.

        May miss it where the version after `number` was pruned; `latest` does not.
        """
        ...

    def publish(
        self, rules: str, *, who: str, why: str, expected: int, rolled_back_to: int | None = None
    ) -> Release:
        """Adds the version after `expected`, the newest that the publisher has seen (0: none). Whole or not
        at all, and durable when this returns. Raises PublishConflict, InvalidRelease."""
        ...

    def prune(self, first: int) -> int:
        """Removes the versions older than `first`, oldest first, but never the newest; how many."""
        ...

    def close(self) -> None:
        """Gives back connections."""
        ...
