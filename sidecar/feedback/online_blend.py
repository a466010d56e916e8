"""What the online blend adds to the relevance of hits, where it has proven itself."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.config.online_blend import OnlineBlend as Settings
from sidecar.feedback.blend_features import BIAS, RELEVANCE, Moment, columns
from sidecar.feedback.blend_metrics import BlendMetrics
from sidecar.feedback.blend_snapshots import BlendSnapshots, read_blend
from sidecar.feedback.blend_state import BlendState, Numbers
from sidecar.feedback.ftrl import Rate, weights
from sidecar.profiles.store import RecordStore, StoreUnavailable

log = logging.getLogger(__name__)

LEAST_SLOPE = 0.05
"""Of relevance, in logits: below, clicks have nothing to do with it, and say nothing to rank by."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """n hits. `values` float64 [n] are to be added to the relevance stage's scores, and are in its unit;
    `parts` [n, p] by `names` are what adds up to them before the bound."""

    values: Numbers
    parts: Numbers
    names: tuple[str, ...]


class OnlineBlend:
    """Reads the learned weights now and then (`run`, as a task); searches find them in memory."""

    def __init__(self, store: RecordStore, settings: Settings, metrics: BlendMetrics) -> None:
        self._store = store
        self._settings = settings
        self._metrics = metrics
        self._snapshots = BlendSnapshots(store, settings.snapshots)
        self._rate = Rate(settings.alpha, settings.beta, settings.l1, settings.l2)
        self._next_snapshot = 0.0
        self.state: BlendState | None = None

    @property
    def counts(self) -> bool:
        """Whether searches are ranked with it."""
        state = self.state
        return self._settings.counts == "proven" and state is not None and state.proof.proven

    @property
    def version(self) -> str:
        """Changes as the blend learns; "" while it does not count."""
        return f"online@{self.state.proof.pages}" if self.state is not None and self.counts else ""

    def adjustment(
        self,
        relevance: NDArray[np.floating],
        features: NDArray[np.floating],
        names: Sequence[str],
        moment: Moment,
    ) -> Adjustment | None:
        """For n hits with `relevance` [n] and `features` [n, g]; None while it does not count.

        Centred over the list, so that it moves hits against one another and nothing else.
        """
        state = self.state
        if state is None or not self.counts or not len(relevance):
            return None
        table = columns(relevance, features, names, moment, self._settings)
        known = {name: at for at, name in enumerate(state.names)}
        learned = weights(state.z, state.n, self._rate)
        mine = np.array([learned[known[name]] if name in known else 0.0 for name in table.names])
        is_relevance = np.array([name.split("|")[0] == RELEVANCE for name in table.names])
        is_bias = np.array([name.split("|")[0] == BIAS for name in table.names])
        slope = float(mine[is_relevance].sum())
        if slope < LEAST_SLOPE:
            return None
        rest = ~(is_relevance | is_bias)
        parts = table.values[:, rest] * mine[rest] / slope
        parts = parts - parts.mean(axis=0)
        bound = self._settings.clip / slope
        told = tuple(name for name, one in zip(table.names, rest, strict=True) if one)
        return Adjustment(np.clip(parts.sum(axis=1), -bound, bound), parts, told)

    async def refresh(self) -> None:
        """Reads the weights, and keeps a snapshot of what counts now and then. Raises StoreUnavailable."""
        state = await read_blend(self._store)
        if state is not None:
            self._tell(state)
        self.state = state
        if self.counts and time.monotonic() >= self._next_snapshot:
            await self._snapshots.take()
            self._next_snapshot = time.monotonic() + self._settings.snapshot_hours * 3600

    async def run(self) -> None:
        """Reads the weights again and again; for ever, as a task. Where the store is away, the last ones
        count."""
        while True:
            try:
                await self.refresh()
            except StoreUnavailable:
                pass
            except Exception:
                log.exception("reading the online blend failed")
            await asyncio.sleep(self._settings.refresh_ms / 1000)

    def _tell(self, state: BlendState) -> None:
        proof, before = state.proof, self.state.proof if self.state else None
        self._metrics.counts.set(proof.proven and self._settings.counts == "proven")
        self._metrics.gain.set(proof.slow.per_hit)
        if before is not None and proof.drifts > before.drifts:
            self._metrics.drifts.inc(proof.drifts - before.drifts)
            log.warning(
                "the online blend foretells clicks no better than relevance alone any more and stops to "
                "count: %+.4f nats per examined hit over the last %.0f",
                proof.quick.per_hit,
                proof.quick.hits,
            )
        elif before is not None and proof.proven and not before.proven:
            log.info("the online blend counts: %+.4f nats per examined hit", proof.slow.per_hit)
