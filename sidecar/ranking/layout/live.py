"""The rules that are live: follows the store of versions and exchanges them while searches go on."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Generic, Protocol, TypeVar

from sidecar.ranking.layout.release_metrics import ReleaseMetrics
from sidecar.rules.last_good import LastGood
from sidecar.rules.release import Kept, Release, UnreadableRelease
from sidecar.rules.release_store import ReleaseStore, ReleasesUnavailable
from sidecar.rules.rule_set import RuleSet, UnreadableRules

log = logging.getLogger(__name__)

START_SECONDS = 2.0
"""How long a start waits for the store before it goes on with the last good version."""
WHOLE_LOOK_SECONDS = 30.0
"""Between looks at the newest version of all, which also find a history that was made anew."""
OLDER_TRIED = 20
"""Versions that a sidecar without any goes back to find one that it can use."""


class Compiled(Protocol):
    """What a version is compiled into. `problems` names the rules that are left out, and why."""

    problems: tuple[tuple[str, str], ...]


AnyCompiled = TypeVar("AnyCompiled", bound=Compiled)


class Refused(Exception):
    """A version that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class _InUse(Generic[AnyCompiled]):
    release: Release
    compiled: AnyCompiled


class LiveRules(Generic[AnyCompiled]):
    """What searches are arranged by: `current`, exchanged in one step, so that no search sees two versions.

    A version that is damaged, of a newer sidecar, or of which no rule can be compiled is refused: told once,
    counted, and the version before it stays. So it does while the store is away, and where the store has
    none any more: rules go away when an empty set is published.
    """

    def __init__(
        self,
        store: ReleaseStore,
        compile_rules: Callable[[RuleSet, str], AnyCompiled],
        last_good: LastGood,
        metrics: ReleaseMetrics,
        interval: float,
    ) -> None:
        """`compile_rules` takes a set and the release's name. `interval`: seconds between two looks."""
        self._store = store
        self._compile = compile_rules
        self._last_good = last_good
        self._metrics = metrics
        self._interval = interval
        self._in_use: _InUse[AnyCompiled] | None = None
        self._refused: tuple[int, str] | None = None
        self._away = False
        self._whole_look = float("-inf")
        self.why = ""
        """Why the newest version is not the one in use; "" while it is."""

    @property
    def current(self) -> AnyCompiled | None:
        """The compiled rules; None before the first version."""
        return self._in_use.compiled if self._in_use is not None else None

    @property
    def release(self) -> Release | None:
        """The version in use."""
        return self._in_use.release if self._in_use is not None else None

    async def open(self) -> None:
        """The newest version, or the last good one where the store does not answer in time. Never raises."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await self.look()
        except TimeoutError:
            self._tell_away(f"the store did not answer within {START_SECONDS:g} s")
        if self._in_use is None:
            await self._use_last_good()

    async def run(self) -> None:
        """Follows the store for ever; to be run as a task."""
        while True:
            await asyncio.sleep(self._interval)
            await self.look()

    async def look(self) -> None:
        """Takes up a newer version if there is one. Never raises."""
        try:
            found = await asyncio.to_thread(self._newer)
            if found is not None:
                await self._take(found)
            self._back()
        except ReleasesUnavailable as error:
            self._tell_away(str(error))
        except Exception:
            log.exception("the layout rules cannot be followed; those in use stay")

    async def close(self) -> None:
        """Gives back what the store holds."""
        await asyncio.to_thread(self._store.close)

    def _newer(self) -> Kept | None:
        """What is newer than the version in use; blocks."""
        release = self.release
        if release is not None and monotonic() - self._whole_look < WHOLE_LOOK_SECONDS:
            return self._store.newer_than(release.number)
        newest = self._store.latest()
        if newest is None:
            # No time is noted: what comes next is the first version of another history.
            if release is not None:
                self.why = "the store has no versions any more; publish, and it is followed again"
            return None
        self._whole_look = monotonic()
        if release is not None and newest.number <= release.number:
            # The same history, or one that was made anew and counts from 1 again.
            same = newest if newest.number == release.number else self._store.get(release.number)
            return None if same == release else newest
        return newest

    async def _take(self, found: Kept) -> None:
        seen = found.number, found.seal
        if seen == self._refused:
            return
        try:
            taken = await asyncio.to_thread(self._made, found)
        except Refused as refused:
            if self._in_use is None:
                # Before it counts as refused: where the store fails meanwhile, all of it is tried again.
                await self._go_back(found.number)
            self._refuse(seen, str(refused))
            return
        await self._use(taken)
        self._refused, self.why = None, ""
        self._metrics.behind.set(0)

    def _made(self, found: Kept) -> _InUse[AnyCompiled]:
        """Raises Refused. Beside the event loop, since a thousand rules take a while."""
        if isinstance(found, UnreadableRelease):
            raise Refused(found.why)
        try:
            rule_set = RuleSet.from_json(found.rules)
        except UnreadableRules as error:
            raise Refused(str(error)) from error
        try:
            compiled = self._compile(rule_set, found.name)
        except Exception as error:
            raise Refused(f"it cannot be compiled: {type(error).__name__}: {error}") from error
        enabled = sum(rule.enabled for rule in rule_set.rules)
        if enabled and len(compiled.problems) >= enabled:
            rule, why = compiled.problems[0]
            raise Refused(f"none of its rules can be compiled; the first, `{rule}`: {why}")
        for rule, why in compiled.problems:
            log.warning("layout rule `%s` of version %d is left out: %s", rule, found.number, why)
        self._metrics.rules.set(enabled - len(compiled.problems))
        self._metrics.left_out.set(len(compiled.problems))
        return _InUse(found, compiled)

    async def _use(self, taken: _InUse[AnyCompiled], *, keep: bool = True) -> None:
        self._in_use = taken
        self._metrics.release.set(taken.release.number)
        log.info("layout rules are live", extra={"release": taken.release.name})
        if not keep:
            return
        try:
            await asyncio.to_thread(self._last_good.write, taken.release)
        except OSError as error:
            log.warning(
                "%s: the live rules cannot be kept for a start without their store: %s",
                self._last_good.file,
                error.strerror,
            )

    async def _use_last_good(self) -> None:
        release = await asyncio.to_thread(self._last_good.read)
        if release is None:
            return
        try:
            taken = await asyncio.to_thread(self._made, release)
        except Refused as refused:
            log.warning(
                "the last good version %d of layout rules cannot be used: %s", release.number, refused
            )
            return
        log.warning("layout rules: the last good version %d is used (%s)", release.number, self.why)
        await self._use(taken, keep=False)

    async def _go_back(self, number: int) -> None:
        """For a sidecar that has none: the newest version below `number` that can be used."""
        for older in range(number - 1, max(0, number - 1 - OLDER_TRIED), -1):
            found = await asyncio.to_thread(self._store.get, older)
            if found is None:
                continue
            try:
                await self._use(await asyncio.to_thread(self._made, found))
            except Refused:
                continue
            return

    def _refuse(self, seen: tuple[int, str], why: str) -> None:
        """Tells and counts once for each version."""
        self._refused, self.why = seen, f"version {seen[0]}: {why}"
        self._metrics.refused.inc()
        self._metrics.behind.set(1)
        log.warning("layout rules, version %d, are not used; the version before stays: %s", seen[0], why)

    def _tell_away(self, why: str) -> None:
        self._metrics.store_failures.inc()
        if not self._away:
            log.warning("layout rules cannot be followed; those in use stay: %s", why)
            self.why = why
        self._away = True

    def _back(self) -> None:
        if self._away:
            log.info("layout rules are followed again")
            self.why = "" if self._refused is None else f"version {self._refused[0]} cannot be used"
        self._away = False
