"""Slots: places for sponsored, recommended and editorial hits, as far as pins leave them."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.pinning import Eligible
from sidecar.ranking.layout.selector import Selector
from sidecar.ranking.layout.telling import ACTED, LOST, NOT_HONOURED, Telling
from sidecar.rules.language.placing import Slot


@dataclass(frozen=True, slots=True)
class SlotFilling:
    """The slot as it is written, with its selection compiled."""

    settings: Slot
    selector: Selector


@dataclass(frozen=True, slots=True)
class SlotFilled:
    """`rows` stand at `places` (from 1) of a slot."""

    act: Act[SlotFilling]
    rows: Sequence[int]
    places: Sequence[int]

    @property
    def name(self) -> str:
        """As the client knows it."""
        return self.act.work.settings.name or self.act.work.settings.kind


def filled(
    acts: Sequence[Act[SlotFilling]],
    eligible: Eligible,
    taken_places: AbstractSet[int],
    taken_rows: AbstractSet[int],
    sponsored: bool,
    attempts: Attempts,
    told: Telling,
) -> list[SlotFilled]:
    """Who stands in each slot, strongest rule first. Nobody is taken from a pin, nor from a stronger slot.

    `sponsored`: the client labels ads, so it may be given some.
    """
    slots: list[SlotFilled] = []
    places_gone, rows_gone = set(taken_places), set(taken_rows)
    for act in acts:
        settings = act.work.settings
        if settings.kind == "sponsored" and not sponsored:
            told.came_to(act, NOT_HONOURED, "the client did not ask for ads")
            continue
        free = [place for place in sorted(settings.positions) if place not in places_gone]
        if len(free) < len(settings.positions):
            lost = sorted(set(settings.positions) - set(free))
            told.came_to(act, LOST, f"places {', '.join(map(str, lost))} belong to pins or stronger slots")
        chosen = attempts.of(act, WAYS[settings.kind], act.work, eligible, rows_gone)
        if not chosen or not free:
            continue
        rows = chosen[: len(free)]
        places = free[: len(rows)]
        slots.append(SlotFilled(act, rows, places))
        places_gone.update(places)
        rows_gone.update(rows)
        told.came_to(act, ACTED)
    return slots


def tell_slots(slots: Sequence[SlotFilled], final: Sequence[int], told: Telling) -> None:
    """Tells each hit of a slot where it came to stand: in a short list that may be another place."""
    for slot in slots:
        for row in slot.rows:
            told.touch(row, slot.act, ACTED, f"stands at place {final.index(row) + 1} for {slot.name}")


def _best_matching(work: SlotFilling, eligible: Eligible, gone: AbstractSet[int]) -> list[int]:
    mask = work.selector.mask(eligible.window) & ~eligible.hidden
    matching = set(eligible.leader[mask].tolist())
    return [row for row in eligible.order if row in matching and row not in gone]


def _liked_most(work: SlotFilling, eligible: Eligible, gone: AbstractSet[int]) -> list[int]:
    """What the shopper's taste speaks for, most of all first; nothing where nothing is known of it."""
    residuals = eligible.window.residuals
    if residuals is None or not (residuals > 0).any():
        return []
    allowed = eligible.hidden.__invert__() & (residuals > 0)
    if not work.selector.everything:
        allowed &= work.selector.mask(eligible.window)
    shown = np.array([row for row in eligible.order if allowed[row] and row not in gone], np.intp)
    return [int(row) for row in shown[np.argsort(-residuals[shown], kind="stable")]]


def _as_listed(work: SlotFilling, eligible: Eligible, gone: AbstractSet[int]) -> list[int]:
    chosen: dict[int, None] = {}
    for document in work.settings.ids or ():
        for row in eligible.window.rows_of(document):
            if not eligible.hidden[row]:
                leader = int(eligible.leader[row])
                if leader not in gone:
                    chosen[leader] = None
                break
    return list(chosen)


WAYS: Mapping[str, Callable[[SlotFilling, Eligible, AbstractSet[int]], list[int]]] = {
    "sponsored": _best_matching,
    "recommended": _liked_most,
    "editorial": _as_listed,
}
