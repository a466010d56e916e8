"""Searches with the live rules and with a draft, after the very same relevance."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import repeat
from typing import Any

from prometheus_client import CollectorRegistry

from sidecar.config.profile import Profile
from sidecar.config.rules import Rules
from sidecar.domain.candidate import Candidate, FieldValues
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Contribution, RuleTouch
from sidecar.domain.search import Context, FieldFilter, LayoutWish, Search, Shopper
from sidecar.domain.understanding import Understanding
from sidecar.evaluation.brought_in import Fetch, brought_in
from sidecar.evaluation.preview.described import describe
from sidecar.evaluation.preview.model import Badge, Hit, QueryPreview, Side
from sidecar.ranking.layout.compiled import CompiledRules
from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.stage import LayoutStage
from sidecar.ranking.stage import Stage, StageSkipped
from sidecar.ranking.standing import Arranged, Standing, first_stage

PATIENCE = 60.0
SLOWEST_RULE_MS = 10_000


@dataclass(frozen=True)
class Who:
    """The shopper, place, time and filters that all previewed searches are of."""

    segments: tuple[str, ...] = ()
    locale: str = ""
    device: str = ""
    channel: str = ""
    application: str = ""
    crawler: bool = False
    sponsored: bool = False
    time: datetime | None = None
    experiments: Mapping[str, str] = field(default_factory=dict)
    filters: Sequence[FieldFilter] = ()

    def told(self) -> str:
        """For people; "" for an anonymous shopper anywhere."""
        parts = [
            *(f"segment {one}" for one in self.segments),
            *(one for one in (self.locale, self.device, self.channel, self.application) if one),
            *(["crawler"] if self.crawler else []),
            *([f"{self.time:%Y-%m-%d %H:%M %Z}"] if self.time else []),
            *(f"{name}={arm}" for name, arm in self.experiments.items()),
            *(f"{one.field}: {' or '.join(one.values)}" for one in self.filters),
        ]
        return ", ".join(parts)


class PreviewRun:
    """Two layouts over one relevance. Nobody's taste is in it: what rules do is to be seen."""

    def __init__(
        self,
        relevance: Stage,
        live: CompiledRules | None,
        draft: CompiledRules,
        profile_name: str,
        profile: Profile,
        size: int,
    ) -> None:
        """`live` None: no rules are. `size` hits of each list are looked at."""
        self._relevance = relevance
        self._profile_name = profile_name
        self._profile = profile
        self._live = self._stage(live)
        self._draft = self._stage(draft)
        self._size = size

    async def preview(
        self,
        query: str,
        candidates: Sequence[Candidate],
        index: str,
        understanding: Understanding | None,
        who: Who,
        fetch: Fetch,
    ) -> QueryPreview:
        """One query, with its candidates as the first stage ordered them."""
        search = self._search(query, candidates, index, understanding, who)
        standing, note = await self._ranked(search)
        live = await self._side(self._live, search, standing, fetch)
        draft = await self._side(self._draft, search, standing, fetch)
        return QueryPreview(query, live, draft, self._size, note)

    def _stage(self, rules: CompiledRules | None) -> LayoutStage:
        return LayoutStage(
            lambda: rules,
            LayoutMetrics(CollectorRegistry()),
            Rules(slow_rule_ms=SLOWEST_RULE_MS),
            profiles={self._profile_name: self._profile},
        )

    def _search(
        self,
        query: str,
        candidates: Sequence[Candidate],
        index: str,
        understanding: Understanding | None,
        who: Who,
    ) -> Search:
        return Search(
            query=query,
            candidates=candidates,
            deadline=Deadline.after(PATIENCE),
            query_id="preview",
            index=index,
            profile=self._profile_name,
            shopper=Shopper(segments=who.segments),
            context=Context(
                locale=who.locale,
                device=who.device,
                channel=who.channel,
                application=who.application,
                time=who.time,
                crawler=who.crawler,
                experiments=who.experiments,
            ),
            explain=True,
            understanding=understanding,
            layout=LayoutWish(
                removes=True, fetches=True, checks=True, metadata=True, sponsored=who.sponsored
            ),
            filters=who.filters,
        )

    async def _ranked(self, search: Search) -> tuple[Standing, str]:
        """The standing after relevance; the first stage's, and why, where relevance has nothing to say."""
        standing = first_stage(search.candidates)
        if not search.candidates:
            return standing, "nothing is found"
        if search.browses:
            return standing, ""
        try:
            result = await self._relevance.apply(search, self._profile, standing, search.deadline)
        except StageSkipped as skipped:
            return standing, f"in OpenSearch's own order: {skipped.reason}"
        # What relevance added is of no interest here, and what rules add need not sum up with it.
        return replace(result.standing, contributions=()), ""

    async def _side(self, stage: LayoutStage, search: Search, standing: Standing, fetch: Fetch) -> Side:
        layout = stage.begin(search, self._profile, standing)
        if layout is None:
            return Side(self._hits(standing.candidates, ()))
        result = await layout.apply(search, self._profile, standing, search.deadline)
        after, arranged = result.standing, result.standing.arranged or Arranged()
        shown = [
            replace(hit, badges=_with_weights(hit.badges, parts)) if parts else hit
            for hit, parts in zip(
                self._hits(after.candidates, arranged.touches),
                after.contributions or repeat(()),
                strict=False,
            )
        ]
        if arranged.fetched:
            shown = self._with_fetched(shown, arranged, brought_in(arranged, fetch, stage))
        return Side(shown, self._hidden(search.candidates, arranged), _acting(arranged))

    def _hits(self, candidates: Sequence[Candidate], touches: Sequence[Sequence[RuleTouch]]) -> list[Hit]:
        return [
            self._hit(candidate, place, touches[place - 1] if touches else ())
            for place, candidate in enumerate(candidates, 1)
        ]

    def _hit(self, candidate: Candidate, place: int, touches: Sequence[RuleTouch]) -> Hit:
        told = describe(candidate.fields, self._profile)
        badges = [Badge(touch.action, touch.rule, touch.outcome, touch.detail) for touch in touches]
        return Hit(candidate.id, place, told.title, told.line, told.image, badges)

    def _with_fetched(
        self, shown: list[Hit], arranged: Arranged, found: Mapping[str, Mapping[str, FieldValues]]
    ) -> list[Hit]:
        """The list with the documents that are brought in; those that are missing leave no gap."""
        merged = list(shown)
        for hit in sorted(arranged.fetched, key=lambda one: one.place):
            if hit.id in found:
                told = describe(found[hit.id], self._profile)
                badge = Badge("pin", hit.rule, detail="brought in")
                made = Hit(hit.id, 0, told.title, told.line, told.image, [badge], fetched=True)
                merged.insert(hit.place - 1, made)
        return [replace(hit, place=place) for place, hit in enumerate(merged, 1)]

    def _hidden(self, candidates: Sequence[Candidate], arranged: Arranged) -> list[Hit]:
        removed = set(arranged.removed)
        told = _explained(arranged).get("hidden", ())
        by_id = {one["id"]: Badge(one["by"], one["rule"]) for one in told}
        return [
            replace(self._hit(candidate, 0, ()), badges=[by_id.get(candidate.id, Badge("hide", ""))])
            for candidate in candidates
            if candidate.rank in removed
        ]


def _with_weights(badges: Sequence[Badge], parts: Sequence[Contribution]) -> list[Badge]:
    """With the boosts and buries that only the score tells of."""
    found = list(badges)
    told = {(badge.action, badge.rule) for badge in badges}
    for part in parts:
        action, _, rule = part.name.partition(" ")
        if action in ("boost", "bury") and rule and (action, rule) not in told:
            found.append(Badge(action, rule, detail=f"{part.value:+.3f}"))
    return found


def _acting(arranged: Arranged) -> list[str]:
    did: Mapping[str, str] = json.loads(arranged.record.get("rules_did", "{}"))
    return [rule for rule, letters in did.items() if set(letters) & set("ah")]


def _explained(arranged: Arranged) -> Mapping[str, Any]:
    if arranged.layout is None or not arranged.layout.json:
        return {}
    found: Mapping[str, Any] = json.loads(arranged.layout.json).get("explain", {})
    return found
