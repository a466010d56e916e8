"""The whole search, told by `RankingPipeline.rerank`."""

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace

from sidecar import __version__
from sidecar.config.profile import Profile
from sidecar.domain.hiding_check import HidingCheck
from sidecar.domain.ranking import Ranking, SkipReason
from sidecar.domain.search import Search
from sidecar.ranking.journal import Journal
from sidecar.ranking.layout.layout_search import LayoutSearch
from sidecar.ranking.layout.page.without_rules import told_without_rules
from sidecar.ranking.layout.stage import LayoutStage
from sidecar.ranking.personalization.personal_search import PersonalSearch
from sidecar.ranking.personalization.stage import PersonalizationStage
from sidecar.ranking.recording import Recorder
from sidecar.ranking.stage import Stage, StageSkipped
from sidecar.ranking.standing import Arranged, Standing, first_stage
from sidecar.ranking.understanding.step import UnderstandingStep
from sidecar.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

NOTHING_LEFT_OUT = (SkipReason.NO_CANDIDATES, SkipReason.NO_QUERY_TEXT)
"""Told to whoever asks, and counted nowhere: nothing went wrong."""


class RankingPipeline:
    """Profile, understanding, relevance, personalization, layout, answer; what was served is remembered.

    A stage that fails or is late is skipped with a reason, never an error.
    """

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        default_profile: str,
        relevance: Stage,
        metrics: Metrics,
        reserve: float = 0.0,
        understanding: UnderstandingStep | None = None,
        personalization: PersonalizationStage | None = None,
        layout: LayoutStage | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """`reserve` is kept back from every deadline, in seconds, for the answer's way home; half of it for
        layout, which comes last and is quick.

        Without `understanding`, stages find none on the search. Without `personalization` no search is
        personal, without `layout` no rule counts, without `recorder` no search is remembered.
        """
        self._profiles = profiles
        self._default_profile = default_profile
        self._profile_versions = {name: f"{name}@{found.version()}" for name, found in profiles.items()}
        self._relevance = relevance
        self._metrics = metrics
        self._reserve = reserve
        self._understanding = understanding
        self._personalization = personalization
        self._layout = layout
        self._recorder = recorder

    async def rerank(self, search: Search) -> Ranking:
        """The candidates that are shown, best first, and how that came about."""
        started = time.perf_counter()
        if search.layout.check is not None:
            return self._checked(search, search.layout.check, started)
        journal = Journal(search, {"sidecar": __version__})
        profile = self._choose_profile(search, journal)
        personal = await self._begin(search, profile, journal)
        search = self._understand(search, journal)
        standing = first_stage(search.candidates)
        standing = await self._run(
            self._relevance, search, profile, standing, journal, _why_not_relevance(search)
        )
        # Rules hold as well where relevance failed: what is hidden stays hidden.
        rules = self._rules(search, profile, standing, journal)
        # Where relevance failed the order is nobody's taste; without words there is none to fail.
        if personal is not None and (journal.reranked or search.browses):
            if rules is not None:
                personal.limit(rules.strength)
            standing = await self._run(personal, search, profile, standing, journal, _too_late(search))
        if rules is not None:
            standing = await self._apply(rules, search, profile, standing, journal, self._reserve / 2)
        else:
            standing = self._told(search, profile, standing)
        query_id = search.query_id or uuid.uuid4().hex
        if journal.reranked:
            self._record(replace(search, query_id=query_id), standing, journal)
        ranking = journal.close(standing, query_id, time.perf_counter() - started)
        self._count(search, ranking)
        return ranking

    def _checked(self, search: Search, check: HidingCheck, started: float) -> Ranking:
        """Which documents that rules bring in may be shown. No stage runs, and nothing is remembered."""
        documents = search.candidates
        # Without rules nobody can tell.
        kept_out = self._layout.kept_out(check, documents) if self._layout else [True] * len(documents)
        standing = first_stage([one for one, out in zip(documents, kept_out, strict=True) if not out])
        removed = [one.rank for one, out in zip(documents, kept_out, strict=True) if out]
        standing.arranged = Arranged(removed=removed, check=check)
        journal = Journal(search, {"sidecar": __version__})
        return journal.close(standing, search.query_id, time.perf_counter() - started)

    def _told(self, search: Search, profile: Profile, standing: Standing) -> Standing:
        """The standing with what the client asked to be told of it, where no rule holds."""
        try:
            return told_without_rules(search, profile, standing)
        except Exception:
            log.exception("the page could not be told")
            return standing

    def _choose_profile(self, search: Search, journal: Journal) -> Profile:
        """The profile that the search names, or the default one."""
        name = search.profile or self._default_profile
        if name not in self._profiles:
            journal.skip("profile", SkipReason.UNKNOWN_PROFILE)
            name = self._default_profile
        journal.versions["profile"] = self._profile_versions[name]
        return self._profiles[name]

    def _understand(self, search: Search, journal: Journal) -> Search:
        """The search with what its query says; as it was where that fails or nobody would read it."""
        step = self._understanding
        # Where nothing was found it is rules that ask what was searched.
        nobody = self._layout is None and not search.candidates
        if step is None or nobody or search.browses or _too_late(search):
            return search
        started = time.perf_counter()
        try:
            understood = step.understand(search)
        except Exception:
            log.exception("stage failed", extra={"stage": step.name})
            journal.skip(step.name, SkipReason.INTERNAL_ERROR)
            return search
        finally:
            took = time.perf_counter() - started
            self._metrics.latency.labels(step.name).observe(took)
        if understood.understanding is not None:
            journal.understood(step.name, took, understood.understanding)
        return understood

    async def _begin(self, search: Search, profile: Profile, journal: Journal) -> PersonalSearch | None:
        """The search's personalization, its shopper's profile on the way; None if there is nothing to do."""
        if self._personalization is None or not search.candidates or _too_late(search):
            return None
        try:
            personal = self._personalization.begin(search, profile)
        except Exception:
            log.exception("stage failed", extra={"stage": "personalization"})
            journal.skip("personalization", SkipReason.INTERNAL_ERROR)
            return None
        if personal is not None and personal.reads:
            # The question goes out before relevance keeps the event loop busy.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return personal

    def _rules(
        self, search: Search, profile: Profile, standing: Standing, journal: Journal
    ) -> LayoutSearch | None:
        """The search's layout, which rules hold being decided; None where there is nothing to do."""
        layout = self._layout
        # What is hidden stays hidden where the time is over.
        if layout is None:
            return None
        had_its_say = journal.reranked and all(skip.stage != self._relevance.name for skip in journal.skipped)
        complete = search.browses or had_its_say
        try:
            found = layout.begin(search, profile, standing, complete=complete)
        except Exception:
            log.exception("stage failed", extra={"stage": layout.name})
            journal.skip(layout.name, SkipReason.INTERNAL_ERROR)
            return None
        if found is None and layout.version:
            journal.versions["rules"] = layout.version
        return found

    def _record(self, search: Search, standing: Standing, journal: Journal) -> None:
        """Has the answer remembered. What goes wrong there is not the shopper's concern."""
        if self._recorder is None:
            return
        started = time.perf_counter()
        try:
            told = standing.arranged.record if standing.arranged is not None else {}
            self._recorder.record(search, standing, {**journal.versions, **told})
        except Exception:
            log.exception("a served list was not recorded")
        finally:
            self._metrics.latency.labels("record").observe(time.perf_counter() - started)

    async def _run(
        self,
        stage: Stage,
        search: Search,
        profile: Profile,
        standing: Standing,
        journal: Journal,
        why_not: str,
    ) -> Standing:
        """The standing after the stage; the one before it where there is a reason against it."""
        if why_not:
            journal.skip(stage.name, why_not)
            return standing
        return await self._apply(stage, search, profile, standing, journal, self._reserve)

    async def _apply(
        self,
        stage: Stage,
        search: Search,
        profile: Profile,
        standing: Standing,
        journal: Journal,
        reserve: float,
    ) -> Standing:
        """The standing after the stage, or the one before it where the stage cannot do its work."""
        started = time.perf_counter()
        try:
            result = await stage.apply(search, profile, standing, search.deadline.earlier_by(reserve))
        except StageSkipped as skipped:
            journal.skip(stage.name, skipped.reason)
            return standing
        except Exception:
            log.exception("stage failed", extra={"stage": stage.name})
            journal.skip(stage.name, SkipReason.INTERNAL_ERROR)
            return standing
        finally:
            took = time.perf_counter() - started
            self._metrics.latency.labels(stage.name).observe(took)
        journal.record(stage.name, took, result)
        return result.standing

    def _count(self, search: Search, ranking: Ranking) -> None:
        self._metrics.candidates.observe(len(search.candidates))
        for skip in ranking.skipped:
            if skip.reason not in NOTHING_LEFT_OUT:
                self._metrics.skips.labels(skip.stage, skip.reason).inc()


def _why_not_relevance(search: Search) -> str:
    """Why relevance has nothing to look at, or ""."""
    if not search.candidates:
        return SkipReason.NO_CANDIDATES
    return SkipReason.NO_QUERY_TEXT if search.browses else _too_late(search)


def _too_late(search: Search) -> str:
    """Why no stage can begin, or ""."""
    return SkipReason.OUT_OF_TIME if search.deadline.remaining() <= 0 else ""
