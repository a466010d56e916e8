"""Pins: who is to stand at which place, before places are given away."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.telling import LOST, NOT_HONOURED, Telling
from sidecar.ranking.layout.window import BoolArray, IndexArray, Window
from sidecar.rules.expression.compiled import CompiledFilter

NOT_IN_WINDOW = "is not among the hits of this search"
HIDDEN = "is hidden"

MOST_FETCHED = 100
"""The plugin refuses answers that bring in more (docs/layout-on-the-wire.md)."""


@dataclass(frozen=True, slots=True)
class Pinning:
    """One pin. `places` are from 1, rising; `id` "" for a pin by `filter`."""

    places: Sequence[int]
    hard: bool
    on_missing: Literal["slide", "gap", "fetch"]
    id: str = ""
    index: str | None = None
    filter: CompiledFilter | None = None


@dataclass(slots=True)
class Claim:
    """A hit is to stand at a place (from 1), or there or above.

    `row` is n or more for a document that is to be fetched: `fetched` says which. `place` is where the rule's
    missing pins let it slide to; `wish` what the rule says.
    """

    act: Act[Any]
    row: int
    place: int
    wish: int
    hard: bool


@dataclass(slots=True)
class Eligible:
    """What pins may choose from. `order` are the rows that are shown, best first; `leader` intp [n] who is
    shown for each row; `hidden` bool [n]; `never` the ids that a rule that holds hides, in the window or not.

    `fetches`: documents may be brought in; `unseen` is why not, for people: a rule hides by what a document
    says, and nobody has read those.
    """

    window: Window
    order: Sequence[int]
    leader: IndexArray
    hidden: BoolArray
    never: frozenset[str] = frozenset()
    fetches: bool = False
    unseen: str = ""


@dataclass(slots=True)
class Claims:
    """`claims` are strongest first; `fetched` are the ids (and indices) of rows n, n + 1, …"""

    claims: list[Claim] = field(default_factory=list)
    fetched: list[tuple[str, str]] = field(default_factory=list)
    by_row: dict[int, Claim] = field(default_factory=dict)


def claims(
    pins: Sequence[Sequence[Act[Pinning]]], eligible: Eligible, attempts: Attempts, told: Telling
) -> Claims:
    """What the pins ask for, by rule, strongest first. A hit belongs to the strongest pin that names it."""
    made = Claims()
    for of_rule in pins:
        if len(of_rule) == 1 and of_rule[0].work.filter is None:  # as most rules that pin
            (act,) = of_rule
            row = _find(act, eligible, made, told)
            if row is not None:
                _claim(act, row, act.work.places[-1], act.work.places[-1], made, told)
            continue
        found: list[Sequence[int] | None] = []
        mine: set[int] = set()
        for act in of_rule:
            rows: Sequence[int] | None
            if act.work.filter is None:
                row = _find(act, eligible, made, told)
                rows = () if row is None else (row,)
            else:
                rows = _matching(act, eligible, made, mine, attempts, told)
            mine.update(rows or ())
            found.append(rows)
        slid = _slid(of_rule, found)
        for act, rows in zip(of_rule, found, strict=True):
            # A hit that is pinned to several places stands at the last of them, or above.
            wishes = act.work.places[-1:] if act.work.filter is None else act.work.places
            for row, wish in zip(rows or (), wishes, strict=False):
                place = wish - sum(gone < wish for gone in slid) if slid else wish
                _claim(act, row, place, wish, made, told)
    return made


def _slid(of_rule: Sequence[Act[Pinning]], found: Sequence[Sequence[int] | None]) -> Collection[int]:
    """The places of a rule that nobody takes, in the place of which its later pins move up. What was not
    found out (None) moves nobody."""
    gone: set[int] = set()
    for act, rows in zip(of_rule, found, strict=True):
        if act.work.on_missing != "gap" and rows is not None:
            places = act.work.places if act.work.filter is not None else act.work.places[:1]
            gone.update(places[len(rows) :])
    return gone


def _claim(act: Act[Pinning], row: int, place: int, wish: int, made: Claims, told: Telling) -> None:
    before = made.by_row.get(row)
    if before is not None:
        detail = f"`{act.work.id}` is pinned to {before.place} by rule {before.act.rule}"
        told.came_to(act, LOST, detail)
        if told.explain:
            told.touch(row, act, LOST, detail)
        return
    claim = Claim(act, row, place, wish, act.work.hard)
    made.by_row[row] = claim
    made.claims.append(claim)


def _matching(
    act: Act[Pinning],
    eligible: Eligible,
    made: Claims,
    mine: AbstractSet[int],
    attempts: Attempts,
    told: Telling,
) -> Sequence[int] | None:
    """The best hits that match, or whose group has one that does, and that no stronger pin has; as many as
    there are places. None where that failed."""
    matching = attempts.of(act, _leading, act.work, eligible)
    if matching is None:
        return None
    free = [row for row in eligible.order if row in matching and row not in made.by_row and row not in mine]
    places = act.work.places
    if len(free) < len(places):
        told.came_to(act, NOT_HONOURED, f"{len(free)} hits match for {len(places)} places")
    return free[: len(places)]


def _leading(work: Pinning, eligible: Eligible) -> set[int]:
    if work.filter is None:
        return set()
    mask = eligible.window.mask(work.filter) & ~eligible.hidden
    return set(eligible.leader[mask].tolist())


def _find(act: Act[Pinning], eligible: Eligible, made: Claims, told: Telling) -> int | None:
    """The row of the pinned document, or of who is shown for it; None where it is missing."""
    work, window = act.work, eligible.window
    if not work.id:
        return None
    rows = window.rows_of(work.id)
    if work.index is not None:
        rows = [row for row in rows if window.candidates[row].index == work.index]
    for row in rows:
        if not eligible.hidden[row]:
            return int(eligible.leader[row])
    if rows or work.id in eligible.never:
        told.came_to(act, NOT_HONOURED, f"`{work.id}` {HIDDEN}")
        if told.explain:
            for row in rows:
                told.touch(row, act, NOT_HONOURED, "hidden hits cannot be pinned")
        return None
    if work.on_missing != "fetch":
        told.came_to(act, NOT_HONOURED, f"`{work.id}` {NOT_IN_WINDOW}")
        return None
    if not eligible.fetches or eligible.unseen:
        why = eligible.unseen or "whoever asks cannot bring it in"
        told.came_to(act, NOT_HONOURED, f"`{work.id}` {NOT_IN_WINDOW}, and {why}")
        return None
    for at, (document, index) in enumerate(made.fetched):
        if document == work.id and (not index or not work.index or index == work.index):
            return window.count + at
    if len(made.fetched) >= MOST_FETCHED:
        told.came_to(act, NOT_HONOURED, f"`{work.id}`: {MOST_FETCHED} documents are brought in already")
        return None
    made.fetched.append((work.id, work.index or ""))
    return window.count + len(made.fetched) - 1


def given_away(made: Claims) -> tuple[dict[int, Claim], list[Claim]]:
    """Places, from 1, and who gets them; and the soft claims, strongest first, which wait.

    A place goes to the strongest hard claim. The losers take the next free place below, once everybody who
    asks for just that one has it.
    """
    places: dict[int, Claim] = {}
    losers: list[Claim] = []
    for claim in made.claims:
        if claim.hard and claim.place not in places:
            places[claim.place] = claim
        elif claim.hard:
            losers.append(claim)
    for claim in losers:
        place = claim.place + 1
        while place in places:
            place += 1
        places[place] = claim
    return places, [claim for claim in made.claims if not claim.hard]


def nearest_above(place: int, taken: Mapping[int, object]) -> int:
    """The free place nearest to `place`, there or above; below where all of those are taken."""
    above = next((one for one in range(place, 0, -1) if one not in taken), None)
    if above is not None:
        return above
    below = place + 1
    while below in taken:
        below += 1
    return below
