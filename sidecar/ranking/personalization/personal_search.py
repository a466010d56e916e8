"""One search's personal order, told by `PersonalSearch.apply`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sidecar.config.profile import Profile
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Skip, SkipReason
from sidecar.domain.search import Search
from sidecar.profiles.store import StoreUnavailable
from sidecar.ranking.personalization.arrangement import GUARDRAILS, Arrangement, arrange
from sidecar.ranking.personalization.explain import NAME, contributions
from sidecar.ranking.personalization.exposure import greatest_share
from sidecar.ranking.personalization.metrics import PersonalizationMetrics
from sidecar.ranking.personalization.pins import Pinned, Pins
from sidecar.ranking.personalization.prepared import Prepared
from sidecar.ranking.personalization.reading import ProfileReading
from sidecar.ranking.personalization.shared import Columns, SharedKnowledge
from sidecar.ranking.signals import Signals
from sidecar.ranking.stage import StageResult
from sidecar.ranking.standing import FloatArray, Standing
from sidecar.taste.score import Residuals, residuals
from sidecar.taste.traits import Traits


@dataclass(frozen=True, slots=True)
class Parts:
    """What all searches share. `clock` is in seconds since 1970."""

    shared: SharedKnowledge
    metrics: PersonalizationMetrics
    pins: Pins
    clock: Callable[[], float]


class PersonalSearch:
    """A stage for one search."""

    name = NAME

    def __init__(
        self,
        parts: Parts,
        prepared: Prepared,
        reason: str,
        strength: float,
        keys: tuple[bytes, bytes],
        pinned: Pinned | None,
        reading: ProfileReading | None,
    ) -> None:
        """`reason` is the `SkipReason` that forbids a personal order, or ""; `keys` are the query's and the
        shopper's. Of `pinned` and `reading` one is None; both are for a shopper who told no id."""
        self._parts = parts
        self._prepared = prepared
        self._reason = reason
        self._strength = strength
        self._keys = keys
        self._pinned = pinned
        self._reading = reading

    @property
    def reads(self) -> bool:
        """Whether a profile is on its way."""
        return self._reading is not None

    def limit(self, share: float) -> None:
        """Leaves a share (0 to 1) of the search's strength: a layout rule says so."""
        self._strength *= share

    async def apply(
        self, search: Search, profile: Profile, standing: Standing, deadline: Deadline
    ) -> StageResult:
        """The standing by relevance and taste; as it was, exactly, for a shopper of whom nothing is known."""
        del profile  # its section was prepared
        known = await self._known(deadline)
        now = known.now if known is not None else self._parts.clock()
        fields = [candidate.fields for candidate in standing.candidates]
        traits = self._prepared.traits.read(fields, now)
        columns = self._columns(search, standing, traits, known)
        relevance = _relevance(search, standing)
        found = self._taste(search, relevance, traits, known)
        return self._result(search, standing, relevance, traits, columns, found, known, now)

    async def _known(self, deadline: Deadline) -> Pinned | None:
        """What is known of the shopper; None for one who told no id, or may not be known."""
        if self._reading is None:
            return self._pinned
        try:
            taste = await self._reading.result(deadline)
        except StoreUnavailable:
            # For the search's further pages as well.
            self._reason, taste = SkipReason.STORE_UNAVAILABLE, None
        known = Pinned(taste, self._parts.clock())
        self._parts.pins.keep(*self._keys, known)
        return known

    def _columns(self, search: Search, standing: Standing, traits: Traits, known: Pinned | None) -> Columns:
        if known is not None and known.columns is not None:
            ids = tuple(candidate.id for candidate in standing.candidates)
            if known.columns.ids == ids:
                return known.columns
        columns = self._parts.shared.columns(search, standing, traits)
        if known is not None and self._parts.shared.version:
            known.columns = columns  # they count: further pages are ordered by the same ones
        return columns

    def _taste(
        self, search: Search, relevance: FloatArray, traits: Traits, known: Pinned | None
    ) -> Residuals | None:
        """What the shopper's taste adds; None where nothing is known, or nothing of these hits."""
        if known is None or known.taste is None:
            return None
        understood = search.understanding
        specificity = understood.specificity if understood is not None else 0.0
        settings, strength = self._prepared.settings, self._strength
        found = residuals(known.taste, traits, relevance, specificity, settings, known.now, strength)
        return found if found.values.any() else None

    def _result(
        self,
        search: Search,
        standing: Standing,
        relevance: FloatArray,
        traits: Traits,
        columns: Columns,
        found: Residuals | None,
        known: Pinned | None,
        now: float,
    ) -> StageResult:
        settings, count = self._prepared.settings, len(standing.candidates)
        brought = found.values if found is not None else np.zeros(count)
        shared = None
        # Crawlers get what shoppers get whom nobody knows.
        if self._reason in ("", SkipReason.CRAWLER) and self._strength:
            shared = self._parts.shared.adjustment(search, relevance, columns, now)
        rows = {candidate.rank: row for row, candidate in enumerate(standing.candidates)}
        signals = Signals(rows, relevance, brought, traits, columns.values, columns.names)
        versions = {NAME: self._prepared.version}
        if found is None and shared is None:
            after = replace(standing, signals=signals)
        else:
            names, keys = self._prepared.capped(traits)
            total = brought if shared is None else brought + shared.values
            placed = arrange(relevance, total, keys, settings.guardrails, explain=search.explain)
            after = Standing(
                [standing.candidates[row] for row in placed.order.tolist()],
                placed.scores,
                contributions(standing, placed, found, shared, settings) if search.explain else (),
                signals,
            )
            self._watch(placed, names, keys)
            if shared is not None:
                versions["online_blend"] = self._parts.shared.version
        self._count(self._outcome(found, known))
        return StageResult(
            after,
            candidates=count if found is not None or shared is not None else 0,
            skipped=[Skip(NAME, self._reason)] if self._reason else (),
            figures=self._figures(found, known) if search.explain else {},
            versions=versions,
        )

    def _outcome(self, found: Residuals | None, known: Pinned | None) -> str:
        if self._reason:
            return self._reason
        if not self._strength:
            return "off"
        if known is None:
            return "anonymous"
        return "personalized" if found is not None else "unknown"

    def _figures(self, found: Residuals | None, known: Pinned | None) -> Mapping[str, float]:
        """What an explained search tells of its shopper: none of the ids."""
        figures = {"strength": self._strength}
        if known is not None and known.taste is not None:
            taste = known.taste
            figures["events"] = taste.learned
            figures["preferences"] = len(taste.keys)
            figures["evidence"] = taste.evidence
            figures["seconds_since_learned"] = max(0.0, known.now - taste.updated)
        if found is not None:
            figures["gate"] = found.gate
            figures["bound"] = found.bound
        return figures

    def _count(self, outcome: str) -> None:
        self._parts.metrics.searches.labels(outcome).inc()

    def _watch(self, placed: Arrangement, names: list[str], keys: np.ndarray) -> None:
        """Tells how exposure changed, and whether guardrails did."""
        first = self._prepared.settings.guardrails.exposure_first
        for name, column in zip(names, keys.T, strict=True):
            before = greatest_share(range(len(column)), column, first)
            after = greatest_share(placed.order, column, first)
            self._parts.metrics.exposure.labels(name, "relevance").observe(before)
            self._parts.metrics.exposure.labels(name, "personal").observe(after)
        for guardrail, changed in zip(GUARDRAILS, placed.changed, strict=True):
            if changed:
                self._parts.metrics.held_back.labels(guardrail.removeprefix("held back: ")).inc()


def _relevance(search: Search, standing: Standing) -> FloatArray:
    """float64 [n] in the relevance stage's unit. Without words the first stage's scores are in a unit of the
    shop's own (sales, or 1 for everything): all hits are equally relevant."""
    return np.zeros(len(standing.candidates)) if search.browses else standing.scores
