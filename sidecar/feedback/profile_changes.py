"""Changes shoppers' profiles by journal entries, each once."""

from collections.abc import Callable, Sequence

from sidecar.domain.event import KeyedEvent
from sidecar.feedback.shoppers import shopper_of
from sidecar.profiles.change import Outcome
from sidecar.profiles.profiles import Profiles, TasteChange
from sidecar.taste.state import Taste
from sidecar.taste.update import Learned

Entry = tuple[int, KeyedEvent]
Learn = Callable[[Taste, KeyedEvent], Learned]


class ProfileChanges:
    """One batch's changes.

    A shopper's entries of a batch that were never tried before are one change: a profile is written once for
    them. Entries that may have been written before (a replay) stay apart, so that each is known by the
    profile's mark; and so do those of a change that did not work as a whole.
    """

    def __init__(self, profiles: Profiles, writer: int, learn: Learn) -> None:
        """`learn` changes a taste in place by an event."""
        self._profiles = profiles
        self._writer = writer
        self._learn = learn
        self.learned: dict[int, Learned] = {}
        """What each entry did."""

    async def apply(self, entries: Sequence[Entry], tried: int) -> list[Outcome]:
        """Each entry's outcome; APPLIED for events without a shopper. Entries up to `tried` may have been
        written before. Raises StoreUnavailable."""
        outcomes = [Outcome.APPLIED] * len(entries)
        groups: dict[bytes, list[int]] = {}
        for place, (_, event) in enumerate(entries):
            if shopper := shopper_of(event):
                groups.setdefault(shopper, []).append(place)
        whole: list[list[int]] = []
        for places in groups.values():
            old = [[place] for place in places if entries[place][0] <= tried]
            whole += old
            if len(old) < len(places):
                whole.append(places[len(old) :])
        again: list[list[int]] = []
        for places, outcome in zip(whole, await self._change(entries, whole), strict=True):
            if len(places) > 1 and outcome in (Outcome.FORGOTTEN, Outcome.FAILED):
                again += [[place] for place in places]
            for place in places:
                outcomes[place] = outcome
        for (place,), outcome in zip(again, await self._change(entries, again), strict=True):
            outcomes[place] = outcome
        return outcomes

    async def _change(self, entries: Sequence[Entry], groups: Sequence[Sequence[int]]) -> list[Outcome]:
        if not groups:
            return []
        return await self._profiles.change_many(
            [self._of_group([entries[place] for place in places]) for places in groups]
        )

    def _of_group(self, group: Sequence[Entry]) -> TasteChange:
        def apply(taste: Taste) -> None:
            for seq, event in group:
                self.learned[seq] = self._learn(taste, event)

        # The oldest event decides whether its shopper was forgotten since; then each is asked for itself.
        time = min(event.time for _, event in group)
        return TasteChange(shopper_of(group[0][1]), self._writer, group[-1][0], time, apply)
