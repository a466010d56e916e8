"""Simulated shoppers: what they like, how that changes, and what they come for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.simulation.latent import SHARES, Latent
from sidecar.simulation.shelf import Numbers, Shelf

TASTE = 1.3
"""Deviation of a taste over a list's hits, in logits of a click."""

COMMON = (0.25, 0.2, 0.0)
"""What all shoppers like, with a taste or without: rating, popularity, price, standardised over the list."""

DRIFT = 0.005
"""Share of a taste's variance that is new with each visit."""

WHIM = 0.05
"""Share of the variance that belongs to a visit alone."""

INTERESTS = 2
STRAYS = 0.15
"""Departments that a shopper comes back for, and how often it is another one."""


@dataclass
class Shopper:
    """One shopper's truth. `vectors` by part float64 [d], `cares` by part; changed by `drift` and `visit`."""

    has_taste: bool
    mobile: bool
    cares: dict[str, float]
    vectors: dict[str, Numbers]
    whims: dict[str, Numbers]
    departments: Sequence[str]
    size: float = 1.0

    def likes(self, world: Latent, products: NDArray[np.intp]) -> Numbers:
        """The taste for products, float64 [n], in logits of a click."""
        if not self.has_taste:
            return np.zeros(len(products))
        total = np.zeros(len(products))
        for name, care in self.cares.items():
            total += care * (world.parts[name][products] @ (self.vectors[name] + self.whims[name]))
        return self.size * total

    def drift(self, random: np.random.Generator) -> None:
        """Time has passed since the last visit; a new whim comes along."""
        for name, vector in self.vectors.items():
            fresh = random.normal(size=len(vector))
            self.vectors[name] = math.sqrt(1 - DRIFT) * vector + math.sqrt(DRIFT) * fresh
            self.whims[name] = math.sqrt(WHIM) * random.normal(size=len(vector))


def shopper(world: Latent, shelves: Sequence[Shelf], has_taste: bool, random: np.random.Generator) -> Shopper:
    """Somebody new, who cares for other things than others do."""
    names = list(SHARES)
    cares: list[float] = np.sqrt(random.dirichlet([3 * SHARES[name] for name in names])).tolist()
    departments = sorted({shelf.asked.department for shelf in shelves})
    made = Shopper(
        has_taste,
        bool(random.random() < 0.5),
        dict(zip(names, cares, strict=True)),
        {part: np.asarray(random.normal(size=vectors.shape[1])) for part, vectors in world.parts.items()},
        {part: np.zeros(vectors.shape[1]) for part, vectors in world.parts.items()},
        random.permutation(departments)[:INTERESTS].tolist(),
    )
    if has_taste:
        looked_at = [shelves[place] for place in random.choice(len(shelves), 20)]
        spread = np.mean([made.likes(world, shelf.products).std() for shelf in looked_at])
        made.size = TASTE / max(float(spread), 1e-9)
    made.drift(random)
    return made


def choose(who: Shopper, shelves: Sequence[Shelf], count: int, random: np.random.Generator) -> list[Shelf]:
    """What the shopper searches for: mostly in the departments of interest."""
    near = [shelf for shelf in shelves if shelf.asked.department in who.departments]
    chosen = []
    for _ in range(count):
        pool = near if near and random.random() >= STRAYS else shelves
        chosen.append(pool[int(random.integers(len(pool)))])
    return chosen
