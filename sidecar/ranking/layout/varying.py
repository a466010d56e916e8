"""Diversify: the first places are varied, by relevance against likeness and within limits."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.exact import within_limits
from sidecar.ranking.layout.likeness import likeness
from sidecar.ranking.layout.limits import Least, Limit, NearDuplicates, ValueCap
from sidecar.ranking.layout.quotas import due
from sidecar.ranking.layout.telling import ACTED, LOST, NOT_HONOURED, Telling
from sidecar.ranking.layout.window import BoolArray, Window
from sidecar.ranking.standing import FloatArray
from sidecar.rules.expression.compiled import CompiledFilter
from sidecar.rules.language.varying import Diversify

FEWEST_LOOKED_AT, TIMES_FIRST = 30, 3
"""Maximal marginal relevance chooses among so many of the best: variety does not bring up the last ones."""


@dataclass(frozen=True, slots=True)
class Varying:
    """The action as it is written, with its quotas' filters compiled."""

    settings: Diversify
    quotas: Sequence[CompiledFilter] = ()


@dataclass(slots=True)
class Variety:
    """What all diversify actions of a search ask for together. `count` is n.

    `value` float64 [k], 0 to 1, and `alike` float64 [k, k] are MMR's: the worth (among all hits shown) and
    the likeness of the `rows` that it chooses among; `row_at` tells where each of them stands there.
    `moved` are the rows that variety brought to another place among the first.
    """

    count: int
    limits: list[Limit] = field(default_factory=list)
    quotas: list[Least] = field(default_factory=list)
    acts: list[Act[Varying]] = field(default_factory=list)
    balance: float = 1.0
    mmr_first: int = 0
    mmr_act: Act[Varying] | None = None
    alike: FloatArray | None = None
    rows: Sequence[int] = ()
    row_at: dict[int, int] = field(default_factory=dict)
    value: FloatArray | None = None
    moved: list[int] = field(default_factory=list)

    @property
    def first(self) -> int:
        """How many places are varied."""
        return max([self.mmr_first, *[one.first for one in self.limits], *[one.first for one in self.quotas]])


def variety(
    acts: Sequence[Act[Varying]],
    order: Sequence[int],
    boosted: FloatArray,
    window: Window,
    attempts: Attempts,
    told: Telling,
) -> Variety | None:
    """What the actions ask for; None where they ask for nothing. `order` are the rows to show, best first;
    `boosted` float64 [n] is each row's scaled score."""
    asked = Variety(window.count)
    for act in acts:
        found = attempts.of(act, _limits_of, act, window)
        if found is None:
            continue
        limits, quotas = found
        asked.limits += limits
        asked.quotas += quotas
        asked.acts.append(act)
        if act.work.settings.mmr is None:
            continue
        if asked.alike is not None:
            told.came_to(act, LOST, "a stronger rule's `mmr` counts")
        elif attempts.of(act, _weigh_likeness, asked, act, order, boosted, window) is None:
            asked.acts.remove(act)
    return asked if asked.acts else None


def _limits_of(act: Act[Varying], window: Window) -> tuple[list[Limit], list[Least]]:
    settings, columns = act.work.settings, window.columns
    limits: list[Limit] = []
    for name, most in settings.max_per_field.items():
        codes = columns.value_codes(name)
        if codes.shape[1] == 1:
            # -1, which stands for no value, reads the last.
            single = codes[:, 0].tolist()
            alone: list[tuple[int, ...]] = [*[(code,) for code in range(max(single, default=-1) + 1)], ()]
            values = [alone[code] for code in single]
        else:
            values = [tuple({code: None for code in row if code >= 0}) for row in codes.tolist()]
        limits.append(ValueCap(act, settings.first, most, values))
    similar = settings.max_similar
    if similar is not None:
        words = columns.words(similar.field)
        limits.append(NearDuplicates(act, settings.first, similar.most, similar.similarity, words))
    quotas = [
        Least(act, settings.first, quota.least, window.mask(wanted).tolist())
        for quota, wanted in zip(settings.quotas, act.work.quotas, strict=True)
    ]
    return limits, quotas


def _weigh_likeness(
    asked: Variety, act: Act[Varying], order: Sequence[int], boosted: FloatArray, window: Window
) -> bool:
    settings = act.work.settings
    if settings.mmr is None:
        return False
    asked.rows = list(order[: max(FEWEST_LOOKED_AT, TIMES_FIRST * settings.first)])
    asked.row_at = {row: at for at, row in enumerate(asked.rows)}
    rows = np.array(asked.rows, np.intp)
    asked.alike = likeness(settings.mmr.fields, rows, window)
    everybody = boosted[list(order)]
    low, high = (float(everybody.min()), float(everybody.max())) if len(everybody) else (0.0, 0.0)
    asked.value = (boosted[rows] - low) / (high - low) if high > low else np.ones(len(rows))
    asked.balance, asked.mmr_first, asked.mmr_act = settings.mmr.balance, settings.first, act
    return True


def varied(
    pool: Sequence[int],
    fixed: Mapping[int, int],
    last: BoolArray | None,
    asked: Variety,
) -> list[int]:
    """The rows of `pool` (best first) in the order in which they fill the places that `fixed` leaves.

    `fixed` maps places, from 0, to rows; those count for limits and likeness. What cannot be bought (`last`)
    is not brought up for the sake of variety while there is anything else.
    """
    first = min(asked.first, len(pool) + len(fixed))
    places = [place for place in range(first) if place not in fixed][: len(pool)]
    choice = _Choice(asked, fixed, places)
    # Who goes last stands there already.
    rest = len(pool) if last is None else bisect_left(pool, True, key=last.__getitem__)
    choice.fill(pool[:rest])
    if len(choice.chosen) < len(places):
        choice.fill(pool[rest:])
    taken = set(choice.chosen)
    return [*_best_above(choice.chosen, places, pool, asked), *[row for row in pool if row not in taken]]


def _best_above(
    chosen: Sequence[int], places: Sequence[int], pool: Sequence[int], asked: Variety
) -> Sequence[int]:
    """Who stands among the first is MMR's to say; among themselves they stand by relevance.

    A page is as varied in any order of its hits, and shoppers look at the top most. Where a limit or a quota
    is about fewer places, the order says how it is kept, and stays.
    """
    if asked.alike is None or _is_about_fewer(asked):
        return chosen
    if any(isinstance(limit, NearDuplicates) and limit.most > 1 for limit in asked.limits):
        return chosen  # which of several stands above the others counts there
    end = sum(place < asked.mmr_first for place in places[: len(chosen)])
    first = set(chosen[:end])
    return [*(row for row in pool if row in first), *chosen[end:]]


def _is_about_fewer(asked: Variety) -> bool:
    """Whether a limit or a quota ends before MMR does."""
    firsts = [limit.first for limit in asked.limits] + [quota.first for quota in asked.quotas]
    return min(firsts, default=asked.mmr_first) < asked.mmr_first


class _Choice:
    """Fills place after place with the best row that the limits allow."""

    def __init__(self, asked: Variety, fixed: Mapping[int, int], places: Sequence[int]) -> None:
        self._asked = asked
        self._places = places
        # What is fetched has no values yet.
        self._fixed = fixed = {place: row for place, row in fixed.items() if row < asked.count}
        self.chosen: list[int] = []
        for limit in asked.limits:
            limit.clear()
            for place, row in fixed.items():
                if place < limit.first:
                    limit.add(row)
        for quota in asked.quotas:
            quota.waited = False
        # Likeness to all hits that stand, added up, and how many those are.
        self._likeness: FloatArray | None = None
        self._compared = 0
        if asked.alike is not None:
            self._likeness = np.zeros(len(asked.alike))
            for place, row in fixed.items():
                if place < asked.mmr_first:
                    self._compare(row)

    def fill(self, pool: Sequence[int]) -> None:
        """Goes on with these rows until the places or the rows are used up."""
        asked, begin = self._asked, len(self.chosen)
        places = self._places[begin : begin + len(pool)]
        left = dict.fromkeys(pool)
        stuck = False
        for place in places:
            active = [limit for limit in asked.limits if place < limit.first]
            row = self._choose(self._best_first(left, place), active, left)
            if row is None:
                stuck = True
                break
            self._take(row, active, left)
        if not stuck:
            return
        # Another choice further up may leave room for everybody.
        taken = self.chosen[begin:]
        for place, row in zip(reversed(places[: len(taken)]), reversed(taken), strict=True):
            for limit in asked.limits:
                if place < limit.first:
                    limit.take_back(row)
        exact = within_limits(pool, places, asked.limits)
        if exact is not None:
            self.chosen[begin:] = exact
            return
        for place, row in zip(places, taken, strict=False):
            for limit in asked.limits:
                if place < limit.first:
                    limit.add(row)
        self._fill_anyhow(places[len(taken) :], left)

    def _fill_anyhow(self, places: Sequence[int], left: dict[int, None]) -> None:
        """The limits cannot be kept at every place: whoever keeps them goes first, then the next best."""
        for place in places:
            active = [limit for limit in self._asked.limits if place < limit.first]
            row = self._choose(list(left), active, left)
            self._take(next(iter(left)) if row is None else row, active, left)

    def _best_first(self, left: Mapping[int, None], place: int) -> Iterable[int]:
        """The rows that are left, the most wanted one first; by MMR where it counts.

        To be used up before the next row is taken: usually the first one is, and the others need no order.
        """
        asked = self._asked
        if asked.alike is None or asked.value is None or self._likeness is None or place >= asked.mmr_first:
            return left
        return self._by_worth(left, asked.value, self._likeness)

    def _by_worth(self, left: Mapping[int, None], value: FloatArray, likeness: FloatArray) -> Iterator[int]:
        asked = self._asked
        worth = asked.balance * value - (1.0 - asked.balance) * likeness / max(self._compared, 1)
        rows = asked.rows
        for _ in range(len(rows)):
            at = int(worth.argmax())
            worth[at] = -np.inf
            if rows[at] in left:
                yield rows[at]
        yield from (row for row in left if row not in asked.row_at)

    def _choose(self, rows: Iterable[int], active: Sequence[Limit], left: Mapping[int, None]) -> int | None:
        """The first row that every limit allows, of those that a quota is waiting for if it is."""
        wanted = self._due(left) if self._asked.quotas else None
        if wanted is not None:
            rows = list(rows)
            for row in rows:
                if row in wanted and all(limit.allows(row) for limit in active):
                    return row
        for row in rows:
            for limit in active:
                if not limit.allows(row):
                    limit.refused = True
                    break
            else:
                return row
        return None

    def _due(self, left: Mapping[int, None]) -> Collection[int] | None:
        done = len(self.chosen)
        standing = {**self._fixed, **dict(zip(self._places, self.chosen, strict=False))}
        return due(self._asked.quotas, standing, left, self._places[done:])

    def _take(self, row: int, active: Sequence[Limit], left: dict[int, None]) -> None:
        self.chosen.append(row)
        del left[row]
        for limit in active:
            limit.add(row)
        self._compare(row)

    def _compare(self, row: int) -> None:
        """The rows that are left are compared with this one too."""
        at = self._asked.row_at.get(row)
        if self._likeness is not None and self._asked.alike is not None and at is not None:
            self._likeness += self._asked.alike[at]
            self._compared += 1


def tell(
    asked: Variety,
    before: Sequence[int],
    after: Sequence[int],
    final: Sequence[int],
    last: BoolArray | None,
    told: Telling,
) -> None:
    """What came of it: which actions changed the order from `before` to `after`, and which limits and quotas
    the `final` list, with all who have a place, does not keep."""
    moved = _moved(before, after, asked.first)
    asked.moved = list(moved)
    movers = [act for act in asked.acts if moved and _had_a_say(act, asked)]
    broken = {limit.act for limit in asked.limits if not _kept(limit, final, asked.count)}
    short = {quota.act for quota in asked.quotas if _short(quota, final, asked.count, last)}
    for act in asked.acts:
        if act in movers:
            told.came_to(act, ACTED, "the first hits are varied")
        if act in broken:
            told.came_to(act, NOT_HONOURED, "there are too few hits of other kinds to keep its limits")
        if act in short:
            told.came_to(act, NOT_HONOURED, "pins and limits leave no room for its quota")
    if told.explain:
        for row, (was, place) in moved.items():
            way = "up" if place < was else "down"
            for act in movers:
                told.touch(row, act, ACTED, f"moved {way} for variety")


def _had_a_say(act: Act[Varying], asked: Variety) -> bool:
    """Whether one of its limits kept a hit out, a quota brought one up, or its MMR chose."""
    return (
        act is asked.mmr_act
        or any(limit.refused for limit in asked.limits if limit.act is act)
        or any(quota.waited for quota in asked.quotas if quota.act is act)
    )


def _kept(limit: Limit, final: Sequence[int], count: int) -> bool:
    """Of what is fetched, rows `count` and above, nothing is known."""
    limit.clear()
    for row in final[: limit.first]:
        if row >= count:
            continue
        if not limit.allows(row):
            return False
        limit.add(row)
    return True


def _short(quota: Least, final: Sequence[int], count: int, last: BoolArray | None) -> bool:
    """Whether hits that it wants stand below its places. What cannot be bought is not brought up for it."""
    if not quota.missing([row for row in final[: quota.first] if row < count]):
        return False
    below = [row for row in final[quota.first :] if row < count and quota.wanted[row]]
    return bool(below) and (last is None or not last[below].all())


def _moved(before: Sequence[int], after: Sequence[int], first: int) -> dict[int, tuple[int, int]]:
    """Where each row was and is now that came into the first places, left them, or moved among them."""
    were, are = before[:first], after[:first]
    if were == are:
        return {}
    moved = {row: (before.index(row), place) for place, row in enumerate(are) if were[place] != row}
    displaced = sorted((after.index(row), row) for row in set(were).difference(are))
    moved.update((row, (before.index(row), place)) for place, row in displaced)
    return moved
