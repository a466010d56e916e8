"""The order that rules ask for, told by `arrange`: arrays in, arrays out."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sidecar.domain.hiding_check import MOST_RULES
from sidecar.domain.search import LayoutWish
from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.collapsing import Collapsing, Groups, collapsed
from sidecar.ranking.layout.demoting import demoted
from sidecar.ranking.layout.filling import closed_up, filled_up
from sidecar.ranking.layout.hiding import hidden
from sidecar.ranking.layout.pinning import Claim, Claims, Eligible, claims, given_away, nearest_above
from sidecar.ranking.layout.plan import Plan
from sidecar.ranking.layout.scaling import Scale
from sidecar.ranking.layout.slots import SlotFilled, filled, tell_slots
from sidecar.ranking.layout.telling import HONOURED, LOST, NOT_HONOURED, Telling
from sidecar.ranking.layout.varying import Variety, tell, varied, variety
from sidecar.ranking.layout.weighing import Weighed
from sidecar.ranking.layout.window import BoolArray, IndexArray, Window
from sidecar.ranking.settling import pooled
from sidecar.ranking.standing import FloatArray

ROUNDS = 3
"""Soft pins that others push down are pinned in turn; after so many rounds the others stay where they are."""

Part = tuple[str, FloatArray]


@dataclass(frozen=True, slots=True)
class FetchedRow:
    """A document that the window lacks, at a place from 1 in the list with all such documents."""

    id: str
    index: str
    place: int
    rule: str


@dataclass(slots=True)
class Arrangement:
    """`order` [m] are the rows of the answer, best first, with `scores` float64 [m], which never increase.

    `removed` are the rows that must not be shown, in the window's order: they are not in `order` where the
    caller can leave them out (`removes`), else they stand last in it. `parts`, for explained searches, are
    float64 [n] each, by row: what adds up to the scores. `groups` tells who is shown for whom, `acts` are the
    rules' actions by kind.
    """

    order: list[int]
    scores: FloatArray
    removed: list[int]
    fetched: Sequence[FetchedRow]
    slots: Sequence[SlotFilled]
    hidden: BoolArray
    groups: Groups
    removes: bool
    acts: Mapping[str, list[Act[Any]]]
    parts: Sequence[Part] = ()
    moved: bool = True
    emptied: bool = False


@dataclass(slots=True)
class _Places:
    """Places from 0 and who stands there; `by` says for each such row which action put it there."""

    fixed: dict[int, int] = field(default_factory=dict)
    by: dict[int, Act[Any]] = field(default_factory=dict)


def arrange(
    plan: Plan,
    window: Window,
    *,
    wish: LayoutWish,
    clamp: float,
    told: Telling | None = None,
    attempts: Attempts | None = None,
) -> Arrangement:
    """The answer that the plan's rules make of the window.

    `clamp` bounds all boosts of a hit together. The same input gives the same answer. Never raises: an action
    that fails is left out, and `told` says so.
    """
    told = told or Telling()
    attempts = attempts or Attempts(told)
    acts = plan.acts
    masks = plan.selections.masks(window, attempts)
    hides, demotes = len(plan.hiding), len(masks) - len(plan.demoting)
    selecting: list[bool] = np.logical_or.reduce(masks, axis=1).tolist()
    gone = hidden(plan.hiding, masks[:hides], selecting[:hides], told)
    weights = plan.weighing.weighed(
        masks[hides:demotes], selecting[hides:demotes], window, clamp, attempts, told
    )
    last = demoted(plan.demoting, masks[demotes:], selecting[demotes:], told)
    scale = Scale(window.scores)
    boosted = scale.scaled(window.scores)
    if weights is not None:
        boosted = boosted * weights.total
    twice = _twice(window)
    kept_out = gone if twice is None else gone | twice
    order = _by_score(window, boosted, weights is not None, kept_out, last)
    groups = collapsed(acts.get("collapse", ()), order, last, window, attempts, told)
    wanted = window.scores if weights is None else scale.back(boosted)
    if groups.folded_by:
        boosted, wanted = _of_groups(boosted, groups), _of_groups(wanted, groups)
    shown = groups.order.tolist()
    unseen = "" if wish.checks and len(plan.unread) <= MOST_RULES else plan.unseen
    eligible = Eligible(window, shown, groups.leader, gone, plan.never, wish.fetches, unseen)
    made = claims(plan.pins, eligible, attempts, told)
    places, slots, waiting = _given_places(acts, eligible, made, wish, attempts, told)
    various = None
    if "diversify" in acts:
        various = variety(acts["diversify"], shown, boosted, window, attempts, told)
    final = _in_place(shown, places, waiting, last, various, told)
    _tell_pins(made, final, places, window, told)
    if told.explain:
        tell_slots(slots, final, told)
    count, rows = window.count, final
    fetched: list[FetchedRow] = []
    if made.fetched:
        rows = [row for row in final if row < count]
        fetched = [
            FetchedRow(*made.fetched[row - count], place, made.by_row[row].act.rule)
            for place, row in enumerate(final, 1)
            if row >= count
        ]
    removed = [] if len(rows) == count else sorted(set(range(count)).difference(rows))
    moved = weights is not None or len(rows) < window.count or rows != list(range(window.count))
    scores = _scores(rows, wanted, places.by) if moved else window.scores
    order_told = rows
    if removed and not wish.removes:
        order_told = [*rows, *removed]
        scores = np.minimum.accumulate(np.concatenate([scores, wanted[removed]]))
    arrangement = Arrangement(
        order_told,
        scores,
        removed,
        fetched,
        slots,
        gone,
        groups,
        wish.removes,
        acts,
        moved=moved,
        emptied=bool(window.count) and not rows,
    )
    if told.explain:
        movers = _movers(places, various, last, groups, gone)
        arrangement.parts = _parts(arrangement, window, scale, weights, movers)
    return arrangement


def _by_score(
    window: Window, boosted: FloatArray, weighs: bool, gone: BoolArray, last: BoolArray | None
) -> IndexArray:
    """The rows that are shown, best first; equals in their order."""
    if last is not None:
        order = np.lexsort((-boosted, last))  # by the second first
    else:
        order = np.argsort(-boosted, kind="stable") if weighs else np.arange(window.count)
    return order[~gone[order]] if gone.any() else order


def _twice(window: Window) -> BoolArray | None:
    """bool [n]: documents that stand in the window a second time; None where none does."""
    if len(window.row_of) == window.count:
        return None
    seen: set[tuple[str, str]] = set()
    twice = np.zeros(window.count, np.bool_)
    for row, candidate in enumerate(window.candidates):
        # Without their indices two documents of one id may be two.
        if candidate.index and (candidate.index, candidate.id) in seen:
            twice[row] = True
        seen.add((candidate.index, candidate.id))
    return twice


def _of_groups(values: FloatArray, groups: Groups) -> FloatArray:
    """Whoever is shown for a group stands where its best would, with that one's score."""
    best = values.copy()
    np.maximum.at(best, groups.leader, values)
    return best


def _given_places(
    acts: Mapping[str, list[Act[Any]]],
    eligible: Eligible,
    made: Claims,
    wish: LayoutWish,
    attempts: Attempts,
    told: Telling,
) -> tuple[_Places, list[SlotFilled], list[Claim]]:
    """Hard pins first, then slots; the soft pins wait to see where their hits come to stand."""
    given, waiting = given_away(made)
    places = _Places(
        {place - 1: claim.row for place, claim in given.items()},
        {claim.row: claim.act for claim in given.values()},
    )
    slots: list[SlotFilled] = []
    if "slot" in acts:
        slots = filled(acts["slot"], eligible, set(given), set(made.by_row), wish.sponsored, attempts, told)
    for slot in slots:
        for row, place in zip(slot.rows, slot.places, strict=True):
            places.fixed[place - 1] = row
            places.by[row] = slot.act
    return places, slots, waiting


def _in_place(
    shown: list[int],
    places: _Places,
    waiting: list[Claim],
    last: BoolArray | None,
    various: Variety | None,
    told: Telling,
) -> list[int]:
    """The final list of rows, those to be fetched (n and more) among them.

    A soft pin whose hit stands at its place or above by itself needs nothing. Pinning another one may push it
    below, so it is looked at again.
    """
    fixed = places.fixed
    for round_ in itertools.count():
        taken = set(fixed.values())
        pool = [row for row in shown if row not in taken] if taken else shown
        order = pool if various is None else varied(pool, closed_up(fixed, len(pool)), last, various)
        if not waiting:
            break
        still = _pin_late(order, waiting, places, everybody=round_ == ROUNDS)
        if len(still) == len(waiting):
            break
        waiting = still
    final = filled_up(order, fixed)
    if various is not None:
        tell(various, pool, order, final, last, told)
    return final


def _pin_late(
    order: Sequence[int], waiting: Sequence[Claim], places: _Places, *, everybody: bool = False
) -> list[Claim]:
    """Gives a place to each soft pin whose hit stands below where it should; the others wait on. `everybody`:
    these get the place where they stand."""
    fixed = places.fixed
    taken = set(fixed.values())
    # Whoever stands further below is not above any of these places.
    near = order[: max(claim.place for claim in waiting) + len(taken)]
    pool = [row for row in near if row not in taken]
    before = sorted(fixed)
    free = dict.fromkeys([place + 1 for place in before])
    still = []
    for claim in waiting:
        place = claim.place
        if claim.row in pool:  # what is to be fetched is not there yet
            stands = _filled_place(pool.index(claim.row), before)
            if stands < place:
                if not everybody:
                    still.append(claim)
                    continue
                place = stands + 1
        place = nearest_above(place, free)
        free[place] = None
        fixed[place - 1] = claim.row
        places.by[claim.row] = claim.act
    return still


def _filled_place(at: int, fixed: Sequence[int]) -> int:
    """Where who is `at` in the pool comes to stand between those at the `fixed` places (rising)."""
    for place in fixed:
        if place > at:
            break
        at += 1
    return at


def _tell_pins(made: Claims, final: Sequence[int], places: _Places, window: Window, told: Telling) -> None:
    for claim in made.claims:
        place = final.index(claim.row) + 1
        detail = ""
        if place == claim.place if claim.hard else place <= claim.place:
            outcome = HONOURED
            if told.explain:
                detail = f"stands at place {place}"
                if claim.place != claim.wish:
                    detail += f": moved up from {claim.wish}, as the rule's pins before it are missing"
        else:
            outcome, detail = NOT_HONOURED, f"stands at place {place}: there are {len(final)} hits"
            holder = places.by.get(final[claim.place - 1]) if claim.place <= len(final) else None
            if holder is not None and holder is not claim.act:
                detail = f"place {claim.place} belongs to rule {holder.rule}; stands at {place}"
                told.came_to(claim.act, LOST)
        told.came_to(claim.act, outcome, detail)
        if told.explain and claim.row < window.count:
            told.touch(claim.row, claim.act, outcome, detail)


def _scores(rows: Sequence[int], wanted: FloatArray, by: Mapping[int, Act[Any]]) -> FloatArray:
    """Never increasing scores near to what was wanted. Whoever was put at its place takes the score of the
    next one below that was not, so that one pin does not level all scores around it."""
    by_row: list[float] = wanted.tolist()
    placed = [by_row[row] for row in rows]
    there = list(itertools.compress(itertools.count(), map(by.__contains__, rows))) if by else []
    if not there or len(there) == len(rows):
        return np.array(pooled(placed))
    free = placed.copy()
    for at in reversed(there):
        del free[at]
    free = pooled(free)
    scores: list[float] = []
    used = 0
    for at in there:
        between = at - len(scores)
        scores += free[used : used + between]
        used += between
        # At the end nobody stands below: there its own score counts, as far as it does not rise.
        scores.append(free[used] if used < len(free) else min(placed[at], scores[-1]))
    return np.array(scores + free[used:])


def _movers(
    places: _Places, various: Variety | None, last: BoolArray | None, groups: Groups, gone: BoolArray
) -> dict[int, str]:
    """What moved a hit beyond its score, the strongest reason of several."""
    movers: dict[int, str] = {}
    if various is not None:
        rule = various.acts[0].rule
        movers.update(dict.fromkeys(various.moved, f"diversify {rule}"))
    if last is not None:
        movers.update(dict.fromkeys(np.flatnonzero(last).tolist(), "demote_unavailable"))
    act: Act[Collapsing]
    for row, act in groups.folded_by.items():
        movers[row] = f"collapse {act.rule}"
        movers.setdefault(int(groups.leader[row]), f"collapse {act.rule}")
    movers.update((row, f"{by.kind} {by.rule}") for row, by in places.by.items())
    movers.update(dict.fromkeys(np.flatnonzero(gone).tolist(), "hide"))
    return movers


MADE_WAY = "made way"
CLAMP = "clamp"


def _parts(
    arrangement: Arrangement,
    window: Window,
    scale: Scale,
    weights: Weighed | None,
    movers: Mapping[int, str],
) -> list[Part]:
    """What each action added to the scores, by row; together the way from the window's to the answer's."""
    parts: dict[str, FloatArray] = {}
    reached = window.scores
    if weights is not None:
        scaled = scale.scaled(window.scores)
        product = scaled
        for act, factors in sorted(
            zip(weights.acts, weights.factors, strict=True), key=lambda pair: (pair[0].strength, pair[0].at)
        ):
            after = product * factors
            label = f"{act.kind} {act.rule}"
            parts[label] = parts.get(label, 0.0) + (after - product) * scale.unit
            product = after
        bounded = scaled * weights.total
        parts[CLAMP] = (bounded - product) * scale.unit
        reached = scale.back(bounded)
    for row, score in zip(arrangement.order, arrangement.scores.tolist(), strict=True):
        change = score - float(reached[row])
        if change:
            label = movers.get(row, MADE_WAY)
            if label not in parts:
                parts[label] = np.zeros(window.count)
            parts[label][row] += change
    return list(parts.items())
