"""Products that a query does not mean: what BM25 takes for it, and some at random."""

from collections.abc import Callable, Collection
from random import Random

from sidecar.training.catalogue import Catalogue
from sidecar.training.words import terms


def covers(catalogue: Catalogue, place: int, query_terms: Collection[str]) -> bool:
    """Whether the text that the model reads of a product holds every term of a query."""
    return set(query_terms) <= set(terms(catalogue.texts[place]))


def hard_negatives(
    random: Random,
    catalogue: Catalogue,
    query: str,
    *,
    count: int,
    among: int,
    spared: Callable[[int], bool],
) -> list[int]:
    """`count` of BM25's best `among` for the query, but none that is `spared` or holds all its words.

    A product with all the words is what the shopper may well have meant: calling it wrong would teach
    the model to tell equals apart.
    """
    wanted = set(terms(query, query=True))
    found = [
        place
        for place in catalogue.bm25.best(query, among)
        if not spared(place) and not covers(catalogue, place, wanted)
    ]
    return random.sample(found, min(count, len(found)))


def random_negatives(
    random: Random, catalogue: Catalogue, query: str, *, count: int, spared: Callable[[int], bool]
) -> list[int]:
    """`count` products from anywhere, none of them `spared` or with all words of the query."""
    wanted = set(terms(query, query=True))
    drawn = random.sample(range(len(catalogue)), min(len(catalogue), 3 * count + 3))
    return [place for place in drawn if not spared(place) and not covers(catalogue, place, wanted)][:count]


def undecided(
    random: Random, catalogue: Catalogue, query: str, *, count: int, among: int, taken: Collection[int]
) -> list[int]:
    """`count` more of BM25's best `among`, the best more often; right or wrong, only a teacher can tell."""
    found = [place for place in catalogue.bm25.best(query, among) if place not in taken] if count else []
    chosen: list[int] = []
    while found and len(chosen) < count:
        weights = [1 / (2 + rank) for rank in range(len(found))]
        at = random.choices(range(len(found)), weights)[0]
        chosen.append(found.pop(at))
    return chosen
