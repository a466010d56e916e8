"""Lists from judgments: ESCI's labels as gains."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sidecar.evaluation.judgments import JudgedQuery
from sidecar.training.catalogue import Catalogue
from sidecar.training.lists import GAINS, TrainingList


@dataclass(frozen=True)
class Judged:
    """The lists, and what could not be used: a sentence with the line for each query concerned."""

    lists: Sequence[TrainingList]
    problems: Sequence[str]
    labels: Counter[str]
    unknown_products: int


def judged_lists(
    queries: Sequence[JudgedQuery],
    catalogue: Catalogue,
    seed: int,
    *,
    size: int = 16,
    per_query: int = 2,
    negatives: int = 0,
) -> Judged:
    """`per_query` lists of at most `size` products drawn from each query's judged ones, best labels first
    in line, and of BM25's best unjudged ones up to `negatives` as irrelevant."""
    random = Random(f"judged {seed}")  # noqa: S311
    lists: list[TrainingList] = []
    problems: list[str] = []
    labels: Counter[str] = Counter()
    unknown = 0
    for query in queries:
        known = {product: label for product, label in query.labels.items() if product in catalogue}
        if missing := len(query.labels) - len(known):
            unknown += missing
            name = next(product for product in query.labels if product not in catalogue)
            problems.append(f"line {query.line}: {missing} judged products unknown, such as {name}")
        labels.update(known.values())
        if len({GAINS[label] for label in known.values()} | ({0.0} if negatives else set())) < 2:
            problems.append(f"line {query.line}: all known products are alike, so no order can be learned")
            continue
        found = catalogue.bm25.best(query.text, negatives + len(known)) if negatives else []
        unjudged = [catalogue.products[place].id for place in found]
        unjudged = [product for product in unjudged if product not in query.labels][:negatives]
        for _ in range(per_query):
            chosen = _drawn(random, known, max(2, size - len(unjudged)))
            products = (*chosen, *unjudged)
            gains = tuple(GAINS[known[product]] if product in known else 0.0 for product in products)
            lists.append(TrainingList(query.text, products, gains, "judgments"))
    return Judged([found for found in lists if found.teaches()], problems, labels, unknown)


def _drawn(random: Random, known: dict[str, str], count: int) -> list[str]:
    """Products at random, but in turn from each label that there is: a rare label is never missed."""
    by_label = {label: [p for p, found in known.items() if found == label] for label in GAINS}
    for products in by_label.values():
        random.shuffle(products)
    chosen: list[str] = []
    while len(chosen) < count and any(by_label.values()):
        chosen += [products.pop() for products in by_label.values() if products]
    return chosen[:count]
