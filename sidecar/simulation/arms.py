"""Ways to order a shelf for a shopper, from relevance alone to knowing the shopper's true taste."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from sidecar.config.personalization import Personalization
from sidecar.domain.event import KeyedEvent
from sidecar.simulation.shelf import Numbers, Shelf
from sidecar.taste.decay import DAY
from sidecar.taste.score import residuals
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import Taste
from sidecar.taste.update import needed, place_of, update, weight_of


class Memory(Protocol):
    """What an arm remembers of one shopper."""

    def scores(self, shelf: Shelf, likes: Numbers, now: float) -> tuple[Numbers, Numbers]:
        """What the shelf's hits are scored before personalization, and what that adds; float64 [n] each.

        `likes` float64 [n] is the true taste: only the oracle may look.
        """
        ...

    def learn(self, event: KeyedEvent, lists: dict[bytes, ServedList], now: float) -> None:
        """An event on one of the lists that were served."""
        ...


class Arm(Protocol):
    """One way to order."""

    @property
    def name(self) -> str: ...

    def meet(self) -> Memory:
        """A shopper of whom nothing is known."""
        ...


@dataclass
class Forgetful:
    """Learns nothing of a shopper: relevance, and what all shoppers like where `weights` [g] tell."""

    name: str
    weights: Numbers | None = None

    def meet(self) -> "Forgetful":
        return self

    def scores(self, shelf: Shelf, likes: Numbers, now: float) -> tuple[Numbers, Numbers]:
        return shelf.scores + common_part(shelf, self.weights), np.zeros(len(likes))

    def learn(self, event: KeyedEvent, lists: dict[bytes, ServedList], now: float) -> None:
        """Nothing."""


def common_part(shelf: Shelf, weights: Numbers | None) -> Numbers:
    """What a global blend adds, in the relevance stage's unit."""
    return np.zeros(len(shelf.ids)) if weights is None else np.asarray(shelf.common @ weights)


@dataclass
class Oracle:
    """Relevance as the others know it, and the true taste: what learning could reach at most.

    `slope` is how much relevance counts against the taste, chosen to serve the oracle best.
    """

    slope: float
    name: str = "oracle"

    def meet(self) -> "Oracle":
        return self

    def scores(self, shelf: Shelf, likes: Numbers, now: float) -> tuple[Numbers, Numbers]:
        return shelf.scores, likes / self.slope

    def learn(self, event: KeyedEvent, lists: dict[bytes, ServedList], now: float) -> None:
        """Nothing: it knows."""


@dataclass
class Personal:
    """Ours: the very code that serves. With `weights`, on top of what all shoppers like."""

    settings: Personalization
    name: str = "ours"
    weights: Numbers | None = None

    def meet(self) -> "PersonalMemory":
        return PersonalMemory(self.settings, self.weights)


@dataclass
class PersonalMemory:
    """One shopper's profile."""

    settings: Personalization
    weights: Numbers | None
    taste: Taste = field(default_factory=lambda: Taste.empty(0.0))

    def scores(self, shelf: Shelf, likes: Numbers, now: float) -> tuple[Numbers, Numbers]:
        relevance = shelf.scores + common_part(shelf, self.weights)
        added = residuals(
            self.taste, shelf.traits, relevance, shelf.specificity, self.settings, now, self.settings.strength
        )
        return relevance, added.values

    def learn(self, event: KeyedEvent, lists: dict[bytes, ServedList], now: float) -> None:
        wanted = {query: lists[query] for query in needed(self.taste, event) if query in lists}
        update(self.taste, event, wanted, self.settings, now)


@dataclass
class HandBlended:
    """What shops often do: count clicks by attribute, let the counts decay, add their shares to the score."""

    settings: Personalization
    weight: float = 1.0
    name: str = "hand-blended"

    def meet(self) -> "HandBlendedMemory":
        return HandBlendedMemory(self.settings, self.weight)


@dataclass
class HandBlendedMemory:
    """Decayed counts of one shopper, by attribute and key."""

    settings: Personalization
    weight: float
    counts: defaultdict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    updated: float = 0.0

    def scores(self, shelf: Shelf, likes: Numbers, now: float) -> tuple[Numbers, Numbers]:
        added = np.zeros(len(likes))
        for column, name in enumerate(shelf.traits.attributes):
            counts = self.counts[name]
            total = sum(counts.values())
            if total:
                keys: Sequence[int] = shelf.traits.keys[:, column].tolist()
                added += [self.weight * counts.get(key, 0.0) / total for key in keys]
        return shelf.scores, added

    def learn(self, event: KeyedEvent, lists: dict[bytes, ServedList], now: float) -> None:
        served = lists[event.query]
        place = place_of(event, served)
        left = 0.5 ** ((now - self.updated) / (self.settings.long_term.half_life_days * DAY))
        self.updated = now
        for column, name in enumerate(served.traits.attributes):
            counts = {key: left * count for key, count in self.counts[name].items()}
            key = int(served.traits.keys[place, column]) if place is not None else 0
            if key:
                counts[key] = counts.get(key, 0.0) + weight_of(event.kind, self.settings.weights)
            self.counts[name] = counts
