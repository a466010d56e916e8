"""Rules that fail again and again are switched off until the next version."""

import logging
from collections.abc import Iterable

from sidecar.ranking.layout.compiled import CompiledRules
from sidecar.ranking.layout.metrics import LayoutMetrics

log = logging.getLogger(__name__)


class Failures:
    """Counts, for the live release, how often each rule failed in a row."""

    def __init__(self, most: int, metrics: LayoutMetrics) -> None:
        """After `most` failures in a row a rule is off."""
        self._most = most
        self._metrics = metrics
        self._release: CompiledRules | None = None
        self._in_a_row: dict[str, int] = {}
        self._off: set[str] = set()

    def off(self, release: CompiledRules) -> set[str]:
        """The ids of rules that are off. Another release begins without any."""
        if release is not self._release:
            self._release, self._in_a_row, self._off = release, {}, set()
        return self._off

    def failed(self, release: CompiledRules, rule: str, why: str) -> None:
        """A rule failed once more; `why` is a word of `attempts`."""
        self._metrics.failures.labels(why).inc()
        if release is not self._release or rule in self._off:
            return
        self._in_a_row[rule] = self._in_a_row.get(rule, 0) + 1
        if self._in_a_row[rule] >= self._most:
            self._off.add(rule)
            self._metrics.switched_off.inc()
            log.warning(
                "rule switched off until the next version; mend it and publish",
                extra={"rule": rule, "release": release.release, "why": why, "failures": self._most},
            )

    def succeeded(self, rules: Iterable[str]) -> None:
        """Rules did their work: what they failed before is forgiven."""
        if self._in_a_row:
            for rule in rules:
                self._in_a_row.pop(rule, None)
