"""A learner that knows the space in which tastes live: what the same clicks could teach at most."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sidecar.config.personalization import Personalization
from sidecar.domain.event import KeyedEvent
from sidecar.simulation.latent import SHARES
from sidecar.simulation.shelf import Numbers, Shelf
from sidecar.simulation.shoppers import TASTE
from sidecar.simulation.walk import Town
from sidecar.taste.examination import examined
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import OpenPage
from sidecar.taste.update import place_of

NEWTON_STEPS = 6


@dataclass
class IdealLearner:
    """Bayes with the true prior over the true space, on clicks and what stood beside them (a choice model).

    No real system can have this; it says how much of the way to the oracle so few clicks can lead in this
    world. It does not know who has no taste, nor that tastes drift.
    """

    settings: Personalization
    vectors: Numbers
    places: Mapping[str, int]
    name: str = "ideal learner"

    @classmethod
    def of(cls, town: Town, settings: Personalization, places: Mapping[str, int]) -> "IdealLearner":
        """For a town; `places` says where a product's id stands in its goods."""
        vectors = np.concatenate(
            [town.world.parts[name] * share**0.5 for name, share in SHARES.items()], axis=1
        )
        spreads = [vectors[shelf.products].var(axis=0).sum() ** 0.5 for shelf in town.learned_on]
        return cls(settings, vectors * TASTE / float(np.mean(spreads)), places)

    def meet(self) -> "IdealMemory":
        return IdealMemory(self, np.zeros(self.vectors.shape[1]))


@dataclass
class IdealMemory:
    """One shopper's clicks, and the most likely taste given them."""

    learner: IdealLearner
    mean: Numbers
    clicks: dict[tuple[bytes, int], tuple[Numbers, Numbers, int]] = field(default_factory=dict)

    def scores(self, shelf: Shelf, likes: Numbers, now: float) -> tuple[Numbers, Numbers]:
        slope = self.learner.settings.calibration.slope
        return shelf.scores, self.learner.vectors[shelf.products] @ self.mean / slope

    def learn(self, event: KeyedEvent, lists: dict[bytes, ServedList], now: float) -> None:
        served = lists[event.query]
        place = place_of(event, served)
        if place is None or (event.query, place) in self.clicks:
            return
        settings = self.learner.settings
        page = OpenPage(event.query, now, -1, {place: event.kind})
        chances = examined(served, page, settings.examination)
        rows = [self.learner.places[product] for product in served.ids[: len(chances)]]
        logits = np.log(chances) + settings.calibration.slope * served.scores[: len(chances)]
        self.clicks[event.query, place] = self.learner.vectors[rows], logits, place
        self._fit()

    def _fit(self) -> None:
        """Newton's method on the log-posterior of a multinomial choice among the hits of each list."""
        for _ in range(NEWTON_STEPS):
            gradient, curvature = -self.mean, np.eye(len(self.mean))
            for vectors, logits, place in self.clicks.values():
                scores = logits + vectors @ self.mean
                chances = np.exp(scores - scores.max())
                chances /= chances.sum()
                expected = chances @ vectors
                gradient = gradient + vectors[place] - expected
                curvature = (
                    curvature + (vectors * chances[:, None]).T @ vectors - np.outer(expected, expected)
                )
            self.mean = self.mean + np.linalg.solve(curvature, gradient)
