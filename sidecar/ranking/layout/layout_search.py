"""One search's layout, told by `LayoutSearch.apply`."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.hiding_check import HidingCheck
from sidecar.domain.ranking import Contribution, FetchedHit, Skip, SkipReason
from sidecar.domain.search import Search
from sidecar.ranking.layout.arrangement import Arrangement, arrange
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.chances import Chance
from sidecar.ranking.layout.compiled import CompiledRules
from sidecar.ranking.layout.compiled_rule import CompiledRule
from sidecar.ranking.layout.failures import Failures
from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.page.facts import PageTold
from sidecar.ranking.layout.page.page_layout import page_layout, wanted
from sidecar.ranking.layout.page_facts import PageWish, facts_of, page_wish
from sidecar.ranking.layout.plan import Plan
from sidecar.ranking.layout.stable_orders import StableOrder, StableOrders, key_of
from sidecar.ranking.layout.telling import ACTED, HELD_OUT, LOST, NOT_HONOURED, Telling
from sidecar.ranking.layout.window import Window
from sidecar.ranking.signals import Signals
from sidecar.ranking.stage import StageResult
from sidecar.ranking.standing import Arranged, FloatArray, Standing
from sidecar.rules.columns import Columns

log = logging.getLogger(__name__)

NAME = "layout"
STABLE_ORDER = "the day's order"
RULES_DID = "rules_did"
PAGE_VARIANT = "page_variant"


@dataclass(frozen=True, slots=True)
class Parts:
    """What all searches share. `slow` is how many seconds an action may take."""

    metrics: LayoutMetrics
    failures: Failures
    orders: StableOrders
    slow: float


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known of a search's layout before its hits are in their last order but one.

    `plan` is that of the rules that hold; `now` is what expressions take for it, in seconds since 1970.
    `stable_key` is there for those who get one order a query and day: what it goes by beside the search.
    """

    release: CompiledRules
    plan: Plan
    held_out: Sequence[CompiledRule]
    switched_off: Sequence[CompiledRule]
    now: float
    stable_key: Sequence[str] | None
    complete: bool
    chance: Chance | None


class LayoutSearch:
    """A stage for one search."""

    name = NAME

    def __init__(self, parts: Parts, begun: Begun) -> None:
        self._parts = parts
        self._begun = begun

    @property
    def strength(self) -> float:
        """What rules leave of the ranking profile's personalization, 0 to 1: the strongest rule's word."""
        return self._begun.plan.personal

    async def apply(
        self, search: Search, profile: Profile, standing: Standing, deadline: Deadline
    ) -> StageResult:
        """The standing as the rules would have it."""
        begun = self._begun
        told = Telling(search.explain)
        for rule in begun.held_out:
            told.saw(rule.id, HELD_OUT)
        reads = begun.plan.reads_signals
        base = self._base(search, standing, reads)
        attempts = Attempts(told, deadline, self._parts.slow)
        signals = _Signals(base.signals, base.candidates)
        window = Window(
            base.candidates,
            Columns(base.candidates, begun.now),
            base.scores,
            signals.residuals if reads and begun.stable_key is None else None,
            (base.engagement if base.engagement is not None else signals.engagement) if reads else {},
        )
        placed = arrange(
            begun.plan,
            window,
            wish=search.layout,
            clamp=profile.layout.clamp,
            told=told,
            attempts=attempts,
        )
        wish = page_wish(placed.acts, told)
        page = self._page(search, profile, window, placed, wish, told, signals)
        self._count(told, attempts, placed)
        after = self._standing(standing, base, placed, told, page, wish)
        return StageResult(
            after,
            candidates=window.count,
            skipped=self._skips(attempts),
            figures=self._figures(placed, told) if search.explain else {},
            versions={"rules": begun.release.release} if begun.release.release else {},
        )

    def _base(self, search: Search, standing: Standing, reads: bool) -> "_Base":
        """The order that rules work on: the day's first complete one, for those who get one order a day.

        Its figures of engagement are those of the day's first search in which a rule `reads` them.
        """
        begun = self._begun
        base = _Base(standing.candidates, standing.scores, standing.signals)
        if begun.stable_key is None or not standing.candidates:
            return base
        orders, stable = self._parts.orders, self._parts.metrics.stable
        key = key_of(search, begun.stable_key)
        known = orders.find(key)
        if known is not None:
            stable.labels("remembered").inc()
            by_rank = {candidate.rank: candidate for candidate in standing.candidates}
            base.candidates = [by_rank[rank] for rank in known.ranks.tolist()]
            base.scores, base.engagement = known.scores, known.engagement
        elif begun.complete:
            stable.labels("first").inc()
            ranks = np.array([candidate.rank for candidate in standing.candidates], np.uint32)
            known = StableOrder(ranks, standing.scores)
            orders.keep(key, known)
        else:
            stable.labels("incomplete").inc()
        if known is not None and reads and known.engagement is None:
            base.engagement = _Signals(base.signals, base.candidates).engagement
            orders.keep(key, replace(known, engagement=base.engagement))
        return base

    def _page(
        self,
        search: Search,
        profile: Profile,
        window: Window,
        placed: Arrangement,
        wish: PageWish,
        told: Telling,
        signals: "_Signals",
    ) -> PageTold:
        """What the client is told of the page; nothing where that fails: the order stands."""
        if not wanted(search):
            return PageTold(None)
        try:
            likes = {} if self._begun.stable_key is not None else signals.likes
            facts = facts_of(window, placed, wish, told, likes=likes, chance=self._begun.chance)
            return page_layout(search, profile, facts)
        except Exception:
            log.exception("the page's layout could not be told")
            return PageTold(None)

    def _standing(
        self,
        before: Standing,
        base: "_Base",
        placed: Arrangement,
        told: Telling,
        page: PageTold,
        wish: PageWish,
    ) -> Standing:
        candidates, scores = base.candidates, placed.scores
        if placed.moved:
            candidates = [candidates[row] for row in placed.order]
        matched = [*self._begun.plan.rule_ids, *[rule.id for rule in self._begun.held_out]]
        record = {RULES_DID: told.record(matched)} if matched else {}
        if page.variant:
            record[PAGE_VARIANT] = f"{wish.page_rule}/{page.variant}"
        arranged = Arranged(
            removed=sorted(base.candidates[row].rank for row in placed.removed) if placed.removes else (),
            fetched=[FetchedHit(one.id, one.index, one.place, one.rule) for one in placed.fetched],
            touches=[tuple(told.touches.get(row, ())) for row in placed.order] if told.explain else (),
            layout=page.layout,
            record=record,
            check=self._check() if placed.fetched else None,
        )
        contributions = _contributions(before, base, placed) if told.explain else ()
        return Standing(candidates, scores, contributions, before.signals, arranged)

    def _check(self) -> HidingCheck | None:
        """What those that are brought in are to be asked about; None where no rule hides by what they say."""
        begun = self._begun
        unread = begun.plan.unread
        return HidingCheck(begun.release.release, unread, begun.now) if unread else None

    def _skips(self, attempts: Attempts) -> list[Skip]:
        skips = []
        if attempts.left_out:
            skips.append(Skip(NAME, SkipReason.OUT_OF_TIME))
        if attempts.failed:
            skips.append(Skip(NAME, SkipReason.RULES_FAILED))
        if self._begun.switched_off:
            skips.append(Skip(NAME, SkipReason.RULE_SWITCHED_OFF))
        return skips

    def _count(self, told: Telling, attempts: Attempts, placed: Arrangement) -> None:
        metrics, begun = self._parts.metrics, self._begun
        metrics.search("arranged" if placed.moved or placed.fetched else "unmoved").inc()
        for (action, outcome), count in told.counts.items():
            metrics.action(action, outcome).inc(count)
        if placed.emptied:
            metrics.emptied.inc()
        for rule, why in attempts.failed.items():
            self._parts.failures.failed(begun.release, rule, why)
        self._parts.failures.succeeded(one for one in begun.plan.rule_ids if one not in attempts.failed)

    def _figures(self, placed: Arrangement, told: Telling) -> Mapping[str, float]:
        counts: dict[str, int] = {}
        for (_, outcome), count in told.counts.items():
            counts[outcome] = counts.get(outcome, 0) + count
        return {
            "rules": len(self._begun.plan.rules),
            "held_out": len(self._begun.held_out),
            "switched_off": len(self._begun.switched_off),
            "acted": counts.get(ACTED, 0),
            "lost": counts.get(LOST, 0),
            "not_honoured": counts.get(NOT_HONOURED, 0),
            "hidden": int(placed.hidden.sum()),
            "folded": len(placed.groups.folded_by),
            "fetched": len(placed.fetched),
            "all_hidden": float(placed.emptied),
        }


@dataclass(slots=True)
class _Base:
    """What rules work on. `engagement` None: as the signals have it now."""

    candidates: Sequence[Candidate]
    scores: FloatArray
    signals: Signals | None
    engagement: Mapping[str, FloatArray] | None = None


class _Signals:
    """What personalization saw, in the order of the candidates; read where a rule or a client asks."""

    def __init__(self, signals: Signals | None, candidates: Sequence[Candidate]) -> None:
        self._signals = signals
        self._candidates = candidates

    @property
    def residuals(self) -> FloatArray | None:
        """float64 [n]; None where there are none."""
        return None if self._signals is None else self._signals.residuals[self._rows]

    @property
    def engagement(self) -> Mapping[str, FloatArray]:
        """float64 [n] by figure."""
        if self._signals is None:
            return {}
        table = self._signals.features[self._rows].astype(np.float64)
        return {name: table[:, at] for at, name in enumerate(self._signals.feature_names)}

    @property
    def likes(self) -> Mapping[int, float]:
        """The residuals by first-stage rank."""
        found = self.residuals
        if found is None:
            return {}
        return {one.rank: value for one, value in zip(self._candidates, found.tolist(), strict=True)}

    @cached_property
    def _rows(self) -> np.ndarray:
        rows = self._signals.rows if self._signals is not None else {}
        return np.array([rows[candidate.rank] for candidate in self._candidates], np.intp)


def _contributions(before: Standing, base: _Base, placed: Arrangement) -> list[Sequence[Contribution]]:
    """Each hit's contributions in the answer's order: what came before, then what rules brought. They add up
    to the scores if those before did."""
    known = {
        candidate.rank: (score, parts)
        for candidate, score, parts in zip(
            before.candidates,
            before.scores.tolist(),
            before.contributions or [()] * len(before.candidates),
            strict=True,
        )
    }
    told: list[Sequence[Contribution]] = []
    brought = _brought(placed, len(base.candidates))
    for row in placed.order:
        score, parts = known[base.candidates[row].rank]
        first = float(base.scores[row]) - score
        own = (Contribution(NAME, STABLE_ORDER, first),) if first else ()
        told.append((*parts, *own, *brought[row]))
    return told


def _brought(placed: Arrangement, count: int) -> list[list[Contribution]]:
    """What rules brought each hit, by row: most rules bring most hits nothing."""
    brought: list[list[Contribution]] = [[] for _ in range(count)]
    if placed.parts:
        table = np.array([values for _, values in placed.parts]).T
        rows, parts = table.nonzero()
        for row, at, value in zip(rows.tolist(), parts.tolist(), table[rows, parts].tolist(), strict=True):
            brought[row].append(Contribution(NAME, placed.parts[at][0], value))
    return brought
