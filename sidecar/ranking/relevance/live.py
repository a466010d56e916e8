"""Relevance by whichever model the alias file names, exchanged while searches go on."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from sidecar.config.alias import Alias, ServedModel, parse_alias
from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import SkipReason
from sidecar.domain.search import Search
from sidecar.ranking.relevance.shadow import Ranked, ShadowRanking
from sidecar.ranking.relevance.watch import WatchedScorer
from sidecar.ranking.stage import Stage, StageResult, StageSkipped
from sidecar.ranking.standing import Standing
from sidecar.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two looks at the file."""
PATIENCE = 3.0
"""Seconds for a new model's first canary; without an answer the old model stays, and it is tried again."""


class NotFollowed(Exception):
    """The file cannot be followed as it is; the model before it stays."""


@dataclass(eq=False)
class ModelInUse:
    """One model on Triton with all that belongs to it alone: breaker, canaries, vectors."""

    served: ServedModel
    scorer: WatchedScorer
    stage: Stage
    searches: int = 0
    asked: bool = False
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    watching: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Begins, or goes on, to probe it."""
        self.asked = True
        if self.watching is None:
            self.watching = asyncio.create_task(self.scorer.watch(), name=f"watch {self.served.model}")

    async def rest(self) -> None:
        """No more probes once its searches are done, unless it is wanted again until then."""
        self.asked = False
        while self.searches:
            self.idle.clear()
            await self.idle.wait()
        if self.asked:
            return
        task, self.watching = self.watching, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self.scorer.rest()


class LiveRelevance:
    """The relevance stage of the live model; to the service also what a `WatchedScorer` is.

    A search takes the model once, at its beginning, with everything that belongs to it: its answer cannot be
    of two models. A file that is not valid, or a model that does not answer, is refused and counted, and the
    model before it stays.
    """

    name = "relevance"

    def __init__(
        self,
        alias: Path,
        make: Callable[[ServedModel], ModelInUse],
        metrics: Metrics,
        interval: float = INTERVAL,
    ) -> None:
        """`alias` may be absent and come later; until then no search is ranked."""
        self._alias = alias
        self._make = make
        self._metrics = metrics
        self._interval = interval
        self._current: ModelInUse | None = None
        self._kept: dict[ServedModel, ModelInUse] = {}
        self._resting: set[asyncio.Task[None]] = set()
        self._followed: bytes | None = None
        self._refused: bytes | None = None
        self._exchanged = asyncio.Event()
        self._shadow = ShadowRanking(metrics, busy=lambda: self._current.searches if self._current else 0)
        metrics.scorer_usable.set_function(lambda: float(self.usable))

    async def apply(
        self, search: Search, profile: Profile, standing: Standing, deadline: Deadline
    ) -> StageResult:
        """See `Stage`."""
        model = self._current
        if model is None:
            raise StageSkipped(SkipReason.SCORER_UNAVAILABLE)
        started = perf_counter()
        model.searches += 1
        try:
            result = await model.stage.apply(search, profile, standing, deadline)
        finally:
            model.searches -= 1
            if not model.searches:
                model.idle.set()
        self._shadow.offer(Ranked(search, profile, standing, result, perf_counter() - started))
        return result

    @property
    def usable(self) -> bool:
        """Whether searches are passed on."""
        return self._current is not None and self._current.scorer.usable

    @property
    def model(self) -> str:
        """The live model's fingerprint; empty before its first answer."""
        return self._current.scorer.model if self._current else ""

    async def wait_until(self, *, usable: bool) -> None:
        """Returns once there is, or is not, a model that can be used."""
        while self.usable != usable:
            waiting: list[asyncio.Task[Any]] = [asyncio.create_task(self._exchanged.wait())]
            if self._current is not None:
                waiting.append(asyncio.create_task(self._current.scorer.wait_until(usable=usable)))
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waiting:
                    task.cancel()

    async def watch(self) -> None:
        """Follows the file for ever; to be run as a task."""
        shadowing = asyncio.create_task(self._shadow.run(), name="shadow")
        try:
            while True:
                try:
                    await self.look()
                except Exception:
                    log.exception("the alias cannot be followed; the model stays")
                await asyncio.sleep(self._interval)
        finally:
            tasks = [shadowing, *self._resting]
            tasks += [model.watching for model in self._kept.values() if model.watching is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def look(self) -> None:
        """Reads the file and does what it says, unless that was done already."""
        try:
            content = await asyncio.to_thread(self._alias.read_bytes)
            if content == self._followed:
                return
            alias = parse_alias(content, str(self._alias))
            if alias.live is None:
                raise NotFollowed("it names no live model; `reshelf model promote` does")
            await self._follow(alias, alias.live)
        except OSError as error:
            self._refuse(b"", error)
            return
        except (ConfigurationError, NotFollowed) as error:
            self._refuse(content, error)
            return
        self._followed, self._refused = content, None

    async def close(self) -> None:
        """Gives back what the models hold."""
        for model in self._kept.values():
            await model.scorer.close()

    async def _follow(self, alias: Alias, live: ServedModel) -> None:
        """Raises NotFollowed where the new live model does not answer; nothing has changed then."""
        model, before = self._kept.get(live) or self._make(live), self._current
        new = not model.asked
        model.watch()
        if before is not None and model is not before:
            try:
                # Warm before it is asked by a search.
                async with asyncio.timeout(PATIENCE):
                    await model.scorer.wait_until(usable=True)
            except TimeoutError:
                why = model.scorer.why or "no answer"
                if new:
                    await _put_to_rest(model, forget=live not in self._kept)
                raise NotFollowed(
                    f"{live.model} is not usable ({why}); {before.served.model} stays"
                ) from None
        self._kept[live] = model
        if model is not before:
            self._current = model
            self._tell(before, model)
        self._shadow_with(alias)
        self._let_go(alias)

    def _tell(self, before: ModelInUse | None, now: ModelInUse) -> None:
        exchanged, self._exchanged = self._exchanged, asyncio.Event()
        exchanged.set()
        if before is not None:
            self._metrics.switches.inc()
            with suppress(KeyError):
                self._metrics.live_model.remove(before.served.model)
        self._metrics.live_model.labels(now.served.model).set(1)
        log.info(
            "searches are ranked by another model" if before else "the alias is followed",
            extra={"model": now.served.model, "fingerprint": now.served.fingerprint},
        )

    def _shadow_with(self, alias: Alias) -> None:
        """Has the candidate rank a share of the searches, or nobody."""
        if alias.shadow is None or alias.candidate is None:
            self._shadow.follow(None)
            return
        candidate = self._kept.get(alias.candidate) or self._make(alias.candidate)
        self._kept[alias.candidate] = candidate
        candidate.watch()
        self._shadow.follow(candidate.stage, candidate.served.model, alias.shadow.share)

    def _let_go(self, alias: Alias) -> None:
        """Models that are not asked rest; those that the file no longer names are closed as well.

        The one before stays with its vectors, so that a roll back is warm.
        """
        asked = {alias.live, alias.candidate if alias.shadow else None}
        for served, model in list(self._kept.items()):
            if served not in asked:
                forget = served not in alias.named()
                if forget:
                    del self._kept[served]
                task = asyncio.create_task(_put_to_rest(model, forget=forget))
                self._resting.add(task)
                task.add_done_callback(self._resting.discard)

    def _refuse(self, content: bytes, error: Exception) -> None:
        """Tells and counts once for each content."""
        if content == self._refused:
            return
        self._refused = content
        self._metrics.aliases_refused.inc()
        log.warning("the alias is not followed: %s", error)


async def _put_to_rest(model: ModelInUse, *, forget: bool) -> None:
    await model.rest()
    if forget:
        await model.scorer.close()
