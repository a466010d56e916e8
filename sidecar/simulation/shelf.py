"""What simulated shoppers search: queries with their hits, scored by a relevance that is not perfect."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.config.personalization import Personalization
from sidecar.domain.candidate import FieldValues
from sidecar.taste.reading import TraitReader
from sidecar.taste.traits import Traits

Numbers = NDArray[np.float64]

LABEL_LOGITS: Mapping[str, float] = {"E": -1.5, "S": -3.0, "C": -4.5, "I": -6.0}
"""Logits of a click on a hit that is seen, by ESCI's labels, for a shopper without a taste."""

RELEVANCE_NOISE = 0.8
"""Deviation of the relevance score's error, in the same logits."""

RELEVANCE_SPREAD = 1.3
"""Deviation of a list's scores: a blend of standardised features has about that."""


@dataclass(frozen=True)
class Goods:
    """P products: `documents` as OpenSearch would send their fields, `titles` in words."""

    ids: Sequence[str]
    documents: Sequence[Mapping[str, FieldValues]]

    def having(self, field: str, vectors: Numbers) -> "Goods":
        """The same products with one field more, float64 [P, d]."""
        rows = zip(self.documents, vectors.tolist(), strict=True)
        return Goods(self.ids, [{**document, field: vector} for document, vector in rows])

    def values(self, field: str) -> list[str]:
        """Each product's last value of a field, "" where there is none."""
        return [str(document[field][-1]) if document.get(field) else "" for document in self.documents]

    def numbers(self, field: str) -> Numbers:
        """Each product's number, NaN where there is none."""
        return np.array(
            [float(document[field][-1]) if document.get(field) else np.nan for document in self.documents]
        )


@dataclass(frozen=True)
class Asked:
    """A query and its judged products: `products` [n] are places in the goods, `labels` [n]."""

    text: str
    department: str
    products: NDArray[np.intp]
    labels: Sequence[str]


@dataclass(frozen=True)
class Shelf:
    """A query's n hits, best first by `scores` float64 [n] (the relevance stage's).

    `grades` float64 [n] are 0 for E to 3 for I; `wanted` float64 [n] the true logits of a click without a
    taste; `common` float64 [n, g] what a global blend may weigh beside relevance (rating, popularity, price),
    standardised over the list.
    """

    asked: Asked
    ids: Sequence[str]
    products: NDArray[np.intp]
    scores: Numbers
    grades: Numbers
    wanted: Numbers
    traits: Traits
    common: Numbers
    specificity: float


def stock(
    goods: Goods, queries: Sequence[Asked], settings: Personalization, random: np.random.Generator
) -> list[Shelf]:
    """The shelves of all queries. Errors of relevance are drawn once: a query has the same scores always."""
    reader = TraitReader(settings)
    common = np.column_stack(
        [goods.numbers("rating"), np.log1p(goods.numbers("rating_count")), np.log(goods.numbers("price"))]
    )
    return [_shelf(goods, asked, reader, common, random) for asked in queries]


def _shelf(
    goods: Goods, asked: Asked, reader: TraitReader, common: Numbers, random: np.random.Generator
) -> Shelf:
    wanted = np.array([LABEL_LOGITS[label] for label in asked.labels])
    scores = RELEVANCE_SPREAD * _standardised(wanted + random.normal(0.0, RELEVANCE_NOISE, len(wanted)))
    order = np.argsort(-scores, kind="stable")
    products = asked.products[order]
    grades = np.array([float("ESCI".index(label)) for label in asked.labels])
    return Shelf(
        asked,
        [goods.ids[place] for place in products.tolist()],
        products,
        scores[order],
        grades[order],
        wanted[order],
        reader.read([goods.documents[place] for place in products.tolist()], now=0.0),
        np.column_stack([_standardised(column[products]) for column in common.T]),
        1.0 - np.log1p(np.sum(grades == 0)) / np.log1p(len(goods.ids)),
    )


def _standardised(values: Numbers) -> Numbers:
    """Mean 0 and deviation 1 over those that are there, 0 elsewhere."""
    there = np.isfinite(values)
    result = np.zeros(len(values))
    if there.sum() > 1 and values[there].std() > 0:
        result[there] = (values[there] - values[there].mean()) / values[there].std()
    return result


def words_of(text: str) -> list[str]:
    """Lower-case words, and single signs of languages that write without spaces."""
    return re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]", text.lower())
