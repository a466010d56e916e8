"""One population's world, and what a shop would fit to its first weeks' clicks before it personalizes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sidecar.config.kinship import Kinship
from sidecar.config.personalization import Calibration, ItemVector, Personalization
from sidecar.simulation.arms import Forgetful, Oracle
from sidecar.simulation.behaviour import behave
from sidecar.simulation.embedding import DIMENSIONS, FIELD, embeddings
from sidecar.simulation.latent import latent
from sidecar.simulation.shelf import Asked, Goods, Numbers, stock
from sidecar.simulation.shoppers import choose, shopper
from sidecar.simulation.walk import Town, measure, serve
from sidecar.taste.calibrate import fit_calibration, fit_logit, grade_logits
from sidecar.taste.choices import ChoiceGatherer
from sidecar.taste.examination import examined
from sidecar.taste.relate import relate

LEARNED_ON = 0.6
"""Share of the queries that are searched while learning; the others are measured on."""

FIRST_SHOPPERS = 90
FIRST_SEARCHES = 12
RELATED = ("brand",)
AXES = 4
FEWEST, MOST_VALUES = 20, 2000
"""Of shoppers who clicked a value, and of values: as the command that fits a kinship has them."""

SLOPES = (0.6, 0.8, 1.0, 1.2, 1.5, 2.0)


@dataclass(frozen=True)
class Population:
    """A world, and what was fitted before. `common` [g] weighs what all like, in the score's unit.

    `kinship`: which brands the same shoppers like, told by the clicks of many; None: not asked, or too few
    clicked.
    """

    number: int
    town: Town
    calibration: Calibration
    common: Numbers
    oracle_slope: float
    kinship: Kinship | None = None


def populate(
    number: int,
    goods: Goods,
    queries: Sequence[Asked],
    settings: Personalization,
    seed: int,
    related: int = 0,
) -> Population:
    """The population of that number: other tastes, other errors of relevance, other held-out queries.

    `related`: how many other shoppers' clicks tell which brands resemble each other.
    """
    random = np.random.default_rng([seed, number])
    world = latent(goods, random)
    vectors = embeddings(goods, world, np.random.default_rng([seed, number, 3]))
    reading = settings.model_copy(update={"item_vector": simulated_vector(settings)})
    shelves = stock(goods.having(FIELD, vectors), queries, reading, random)
    order = random.permutation(len(shelves)).tolist()
    cut = int(LEARNED_ON * len(shelves))
    town = Town(world, [shelves[place] for place in order[:cut]], [shelves[place] for place in order[cut:]])
    calibration, common = _first_weeks(town, settings, [seed, number, 1])
    kinship = None
    if related:
        fitted = settings.model_copy(update={"calibration": calibration})
        kinship = _related(town, fitted, related, [seed, number, 4])
    return Population(number, town, calibration, common, _best_slope(town, [seed, number, 2]), kinship)


def simulated_vector(settings: Personalization) -> ItemVector:
    """The setting for the simulated products' vectors; how sure it is, as in `settings` where told."""
    told = {"precision": settings.item_vector.precision} if settings.item_vector else {}
    return ItemVector(field=FIELD, dimensions=DIMENSIONS, **told)


def _first_weeks(town: Town, settings: Personalization, seed: Sequence[int]) -> tuple[Calibration, Numbers]:
    """Calibration and global weights from searches ordered by relevance alone."""
    arm = Forgetful("relevance only")
    grades, columns, chances, clicked = [], [], [], []
    for person in range(FIRST_SHOPPERS):
        random = np.random.default_rng([*seed, person])
        who = shopper(town.world, town.learned_on, person % 3 != 0, random)
        for serial, shelf in enumerate(choose(who, town.learned_on, FIRST_SEARCHES, random)):
            served, utility = serve(who, town, arm, shelf, 0.0, serial)
            seen = behave(utility, who.mobile, random)
            chance = examined(replace(served, page_start=seen.page_start), None, settings.examination)
            count = len(chance)
            outcome = np.zeros(count)
            outcome[[act.place for act in seen.acts]] = 1.0
            grades.append(shelf.grades[:count])
            columns.append(np.column_stack([shelf.scores, shelf.common])[:count])
            chances.append(chance)
            clicked.append(outcome)
    seen_chances, outcomes = np.concatenate(chances), np.concatenate(clicked)
    best, step = grade_logits(np.concatenate(grades), seen_chances, outcomes)
    judged = town.learned_on
    calibration = fit_calibration(
        np.concatenate([shelf.scores for shelf in judged]),
        np.concatenate([best + step * shelf.grades for shelf in judged]),
    )
    weights = fit_logit(np.concatenate(columns), seen_chances, outcomes)
    return calibration, weights[1:-1] / calibration.slope


def _related(town: Town, settings: Personalization, count: int, seed: Sequence[int]) -> Kinship | None:
    """What the clicks of `count` shoppers on lists ordered by relevance alone tell of brands."""
    arm, gatherer = Forgetful("relevance only"), ChoiceGatherer(settings, RELATED)
    for person in range(count):
        random = np.random.default_rng([*seed, person])
        who = shopper(town.world, town.learned_on, person % 3 != 0, random)
        for serial, shelf in enumerate(choose(who, town.learned_on, FIRST_SEARCHES, random)):
            served, utility = serve(who, town, arm, shelf, 0.0, serial)
            seen = behave(utility, who.mobile, random)
            clicked = sorted({act.place for act in seen.acts})
            gatherer.add(person.to_bytes(16), replace(served, page_start=seen.page_start), clicked)
    choices = gatherer.choices(FEWEST, MOST_VALUES)
    return relate(choices, AXES) if len(choices.keys) else None


def _best_slope(town: Town, seed: Sequence[int]) -> float:
    people = [
        shopper(town.world, town.learned_on, True, np.random.default_rng([*seed, n])) for n in range(12)
    ]
    asked = [choose(who, town.learned_on, 12, np.random.default_rng([*seed, 99])) for who in people]

    def reached(slope: float) -> float:
        arm = Oracle(slope)
        return sum(measure(who, town, arm, found, 0.0) for who, found in zip(people, asked, strict=True))

    return max(SLOPES, key=reached)
