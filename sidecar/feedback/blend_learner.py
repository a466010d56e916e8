"""Learns the online blend from pages that have closed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.config.online_blend import OnlineBlend
from sidecar.config.personalization import Examination
from sidecar.feedback.blend_features import of_list
from sidecar.feedback.blend_state import KEY, TYPE, BlendState, Numbers, UnreadableBlend
from sidecar.feedback.counts import NEW
from sidecar.feedback.ftrl import Rate, step, weights
from sidecar.profiles.change import Change, change_many
from sidecar.profiles.marks import UnreadableRecord, unpack
from sidecar.profiles.store import RecordStore
from sidecar.taste.click_model import click_gradient, log_likelihood, skip_gradient
from sidecar.taste.examination import examined
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import OpenPage


@dataclass(frozen=True, slots=True)
class Step:
    """What one page adds: sums by name, and the losses that were foretold before."""

    names: tuple[str, ...]
    z: Numbers
    n: Numbers
    base_z: Numbers
    base_n: Numbers
    hits: float
    loss: float
    loss_relevance: float


class BlendLearner:
    """Steps from the newest state that was read; several sidecars' steps add up in the record."""

    def __init__(self, settings: OnlineBlend, examination: Examination) -> None:
        self._settings = settings
        self._examination = examination
        self._rate = Rate(settings.alpha, settings.beta, settings.l1, settings.l2)
        self._steps: list[tuple[int, Step]] = []
        self._tried = 0
        self.state = BlendState()

    def __len__(self) -> int:
        return len(self._steps)

    def page(self, seq: int, served: ServedList, page: OpenPage) -> None:
        """Learns from a page that has closed at the journal's entry `seq`."""
        made = self._step(served, page)
        if made is not None:
            self._steps.append((seq, made))
            self._into(self.state, made)

    def take(self, writer: int) -> list[Change]:
        """What is to be written: a change for each entry that may have been written before, one for all
        others. Nothing is left behind."""
        taken, self._steps = self._steps, []
        groups: dict[int, list[tuple[int, Step]]] = {}
        for seq, made in taken:
            groups.setdefault(seq if seq <= self._tried else NEW, []).append((seq, made))
        changes = [
            Change(KEY, writer, max(seq for seq, _ in group), self._effect([made for _, made in group]))
            for group in groups.values()
        ]
        return sorted(changes, key=lambda change: change.seq)

    async def write(self, store: RecordStore, changes: Sequence[Change]) -> None:
        """Writes changes of `take` and goes on from what the record says then. Raises StoreUnavailable."""
        if changes:
            await change_many(store, changes, TYPE)
        (stored,) = await store.get([KEY])
        if stored is None:
            return
        try:
            read = BlendState.unpack(unpack(stored.value, TYPE).payload)
        except (UnreadableRecord, UnreadableBlend):
            return
        for _, made in self._steps:  # of pages that have closed meanwhile
            self._into(read, made)
        self.state = read

    def begin(self, tried: int) -> None:
        """Drops what was not written; the next `write` reads the record. Entries up to `tried` may have been
        written before."""
        self._steps.clear()
        self._tried = tried

    def _step(self, served: ServedList, page: OpenPage) -> Step | None:
        if served.browsed:
            return None  # it is to prove itself against relevance, which has no say there
        chances = examined(served, page, self._examination)
        count = len(chances)
        clicked = np.zeros(count)
        clicked[[place for place in page.outcomes if place < count]] = 1.0
        known_hits = ~served.fetched[:count]
        if known_hits.sum() < 2:
            return None
        table = of_list(served, count, self._settings)
        places = self.state.places(table.names)
        known = places >= 0
        names = tuple(name for name, one in zip(table.names, known, strict=True) if one)
        values = table.values[known_hits][:, known]
        chances, clicked = chances[known_hits], clicked[known_hits]
        z, n = self.state.z[places[known]], self.state.n[places[known]]
        logits = values @ weights(z, n, self._rate)
        base = values[:, :2]
        base_logits = base @ weights(self.state.base_z, self.state.base_n, self._rate)
        added_z, added_n = step(z, n, self._gradient(values, logits, chances, clicked), self._rate)
        base_z, base_n = step(
            self.state.base_z,
            self.state.base_n,
            self._gradient(base, base_logits, chances, clicked),
            self._rate,
        )
        return Step(
            names,
            added_z,
            added_n,
            base_z,
            base_n,
            float(chances.sum()),
            -float(log_likelihood(logits, chances, clicked).sum()),
            -float(log_likelihood(base_logits, chances, clicked).sum()),
        )

    @staticmethod
    def _gradient(values: Numbers, logits: Numbers, chances: Numbers, clicked: Numbers) -> Numbers:
        """Of the loss, by weight."""
        likelihood = np.where(clicked > 0, click_gradient(logits), skip_gradient(logits, chances))
        return np.asarray(-(values.T @ likelihood))

    def _effect(self, steps: Sequence[Step]) -> Callable[[bytes | None], bytes]:
        def apply(payload: bytes | None) -> bytes:
            try:
                state = BlendState.unpack(payload)
            except UnreadableBlend:
                state = BlendState()
            for made in steps:
                self._into(state, made)
            return state.pack()

        return apply

    def _into(self, state: BlendState, made: Step) -> None:
        state.add(made.names, made.z, made.n, made.base_z, made.base_n)
        state.proof = state.proof.add(made.hits, made.loss, made.loss_relevance, self._settings)
