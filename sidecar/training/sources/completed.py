"""A list completed: products that are right, and those that are put against them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from sidecar.training.catalogue import Catalogue
from sidecar.training.lists import UNKNOWN, TrainingList
from sidecar.training.sources.negatives import hard_negatives, random_negatives, undecided


@dataclass(frozen=True, slots=True)
class Against:
    """How many are put against the right ones: BM25's best, some from anywhere, some for the teacher.

    `among`: how far down BM25's best are looked at.
    """

    negatives: int
    among: int
    at_random: int
    unknown: int


def completed(
    random: Random,
    catalogue: Catalogue,
    query: str,
    right: Sequence[int],
    against: Against,
    *,
    spared: Callable[[int], bool],
    source: str,
) -> TrainingList | None:
    """The list of a query whose right products are known by place; None where there is nothing to tell apart.

    What is `spared` is never called wrong. Where BM25 finds too few, random products fill up.
    """
    wrong = hard_negatives(
        random, catalogue, query, count=against.negatives, among=against.among, spared=spared
    )
    missing = against.at_random + against.negatives - len(wrong)
    wrong += random_negatives(
        random, catalogue, query, count=missing, spared=lambda place: place in wrong or spared(place)
    )
    if not right or not wrong:
        return None
    open_ones = undecided(
        random, catalogue, query, count=against.unknown, among=against.among, taken={*right, *wrong}
    )
    products = tuple(catalogue.products[place].id for place in (*right, *wrong, *open_ones))
    gains = (1.0,) * len(right) + (0.0,) * len(wrong) + (UNKNOWN,) * len(open_ones)
    return TrainingList(query, products, gains, source)
