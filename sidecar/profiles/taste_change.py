"""The effects of events on tastes, as changes of records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sidecar.profiles.change import Change, Outcome
from sidecar.profiles.keyspace import PROFILE
from sidecar.profiles.profile_record import ProfileRecord, pack_profile, unpack_profile
from sidecar.profiles.set_aside import Count
from sidecar.taste.codec import UnreadableTaste, encode
from sidecar.taste.state import Taste


@dataclass(frozen=True, slots=True)
class TasteChange:
    """One journal entry's effect on one shopper's taste (see `Change`): `apply` changes the taste in place.

    `key` is the shopper's (`ShopperKeys.main`), `time` the event's. `apply` may be called again after a
    concurrent change, then with another taste.
    """

    key: bytes
    writer: int
    seq: int
    time: float
    apply: Callable[[Taste], object]


class TasteChanges:
    """One batch. `unreadable` are the tastes by store key that were begun anew."""

    def __init__(
        self,
        changes: Sequence[TasteChange],
        count_unreadable: Count,
        decode: Callable[[bytes], Taste],
    ) -> None:
        self._changes = changes
        self._count = count_unreadable
        self._decode = decode
        # Several events of a shopper in a batch: the taste that the one before has left, and its payload.
        self._left: dict[bytes, tuple[bytes, Taste]] = {}
        self._forgotten: set[int] = set()
        self.unreadable: dict[bytes, bytes] = {}

    def on_records(self) -> list[Change]:
        """The same changes on payloads."""
        return [
            Change(PROFILE + change.key, change.writer, change.seq, self._on_payload(at))
            for at, change in enumerate(self._changes)
        ]

    def outcomes(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """What became of the changes, with FORGOTTEN for those that were left for that reason."""
        return [
            Outcome.FORGOTTEN if outcome is Outcome.LEFT and at in self._forgotten else outcome
            for at, outcome in enumerate(outcomes)
        ]

    def _on_payload(self, at: int) -> Callable[[bytes | None], bytes | None]:
        change = self._changes[at]

        def apply(payload: bytes | None) -> bytes | None:
            record = unpack_profile(payload) if payload is not None else ProfileRecord()
            if change.time <= record.forgotten_at:
                self._forgotten.add(at)
                return None
            self._forgotten.discard(at)
            # Taken out: if the change fails half-way, the next one begins with the record's own.
            left = self._left.pop(change.key, None)
            taste = left[1] if left and left[0] == payload else self._begin(change, record.taste)
            change.apply(taste)
            after = pack_profile(replace(record, taste=encode(taste)))
            self._left[change.key] = (after, taste)
            return after

        return apply

    def _begin(self, change: TasteChange, taste: bytes) -> Taste:
        try:
            return self._decode(taste) if taste else Taste.empty(change.time)
        except UnreadableTaste:
            self._count("taste")
            self.unreadable[PROFILE + change.key] = taste
            return Taste.empty(change.time)
