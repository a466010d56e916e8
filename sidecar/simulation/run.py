"""All populations under all arms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.config.personalization import Personalization
from sidecar.simulation.arms import Arm, Forgetful, HandBlended, Oracle, Personal
from sidecar.simulation.ideal import IdealLearner
from sidecar.simulation.population import Population, populate, simulated_vector
from sidecar.simulation.shelf import Asked, Goods, Numbers
from sidecar.simulation.walk import CHECKPOINTS, walk

RELEVANCE, ORACLE, OURS, GLOBAL, BOTH = "relevance only", "oracle", "ours", "global blend", "ours + global"
VECTOR, ALIKE, KIN_AND_GLOBAL = "ours + item vector", "ours + kinship", "ours + kinship + global"
ALL = "ours + all three"
FIRST_WITHOUT = 1_000_000
"""Numbers of shoppers without a taste begin here: nobody is the same person in both groups."""


@dataclass(frozen=True)
class Plan:
    """How much is simulated: half as many shoppers without a taste come on top, in each population.

    `related`: other shoppers, whose clicks tell which brands resemble each other; 0 leaves those arms out.
    """

    populations: int = 5
    shoppers: int = 60
    seed: int = 1
    related: int = 3000

    @property
    def without(self) -> int:
        """Shoppers without a taste in each population."""
        return max(1, self.shoppers // 2)


@dataclass(frozen=True)
class Simulated:
    """Mean nDCG@10 by arm, population and checkpoint: float64 [populations, checkpoints] of each arm."""

    plan: Plan
    queries: int
    with_taste: dict[str, Numbers]
    without: dict[str, Numbers]


def arms_of(
    population: Population, settings: Personalization, goods: Goods, related: bool = False
) -> list[Arm]:
    """The ways to order that are compared, from relevance alone to the oracle."""
    bare = {"calibration": population.calibration, "item_vector": None, "kinship": None}
    fitted = settings.model_copy(update=bare)
    seeing = fitted.model_copy(update={"item_vector": simulated_vector(settings)})
    places = {product: place for place, product in enumerate(goods.ids)}
    return [
        Forgetful(RELEVANCE),
        HandBlended(fitted),
        Forgetful(GLOBAL, population.common),
        Personal(fitted, OURS),
        Personal(seeing, VECTOR),
        Personal(fitted, BOTH, population.common),
        *(_alike(population, fitted, seeing) if related else []),
        IdealLearner.of(population.town, fitted, places),
        Oracle(population.oracle_slope, ORACLE),
    ]


def _alike(population: Population, fitted: Personalization, seeing: Personalization) -> list[Arm]:
    """Those that know which brands the same shoppers like."""
    known = {"kinship": population.kinship}
    alike, everything = fitted.model_copy(update=known), seeing.model_copy(update=known)
    common = population.common
    return [
        Personal(alike, ALIKE),
        Personal(alike, KIN_AND_GLOBAL, common),
        Personal(everything, ALL, common),
    ]


def simulate(
    goods: Goods,
    queries: Sequence[Asked],
    settings: Personalization,
    plan: Plan,
    tick: Callable[[float, str], None],
) -> Simulated:
    """Everybody's life under every arm; `tick` hears how many populations are done, and what is at work."""
    with_taste: dict[str, list[Numbers]] = {}
    without: dict[str, list[Numbers]] = {}
    for number in range(plan.populations):
        population = populate(number, goods, queries, settings, plan.seed, plan.related)
        arms = arms_of(population, settings, goods, plan.related > 0)
        for order, arm in enumerate(arms):
            tick(number + order / len(arms), arm.name)
            for found, has_taste, people in (
                (with_taste, True, range(plan.shoppers)),
                (without, False, range(FIRST_WITHOUT, FIRST_WITHOUT + plan.without)),
            ):
                lives = [
                    walk(population.town, arm, has_taste, [plan.seed, number, person]) for person in people
                ]
                found.setdefault(arm.name, []).append(_mean(lives))
    tick(plan.populations, "")
    return Simulated(
        plan,
        len(queries),
        {name: np.array(rows) for name, rows in with_taste.items()},
        {name: np.array(rows) for name, rows in without.items()},
    )


def _mean(lives: Sequence[Numbers]) -> Numbers:
    """Over the shoppers who got that far; NaN where nobody did."""
    table = np.array(lives)
    there = np.isfinite(table).sum(axis=0)
    sums = np.nansum(table, axis=0)
    return np.where(there > 0, sums / np.maximum(there, 1), np.nan)


__all__ = ["CHECKPOINTS", "Plan", "Simulated", "arms_of", "simulate"]
