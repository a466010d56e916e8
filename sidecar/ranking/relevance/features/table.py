"""The features of a list of hits, put together; one code for searching, fitting and explaining."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from sidecar.config.profile import FeatureFields
from sidecar.domain.candidate import FieldValues
from sidecar.domain.features import Feature
from sidecar.ranking.relevance.blend import standardised
from sidecar.ranking.relevance.features import attributes, list_context, reputation, words
from sidecar.ranking.relevance.features.document import ReadDocument
from sidecar.ranking.relevance.features.query_words import QueryWords
from sidecar.ranking.standing import FloatArray

FIRST_BLEND = 0.5
"""The share of the vectors' similarity in the order that list context starts from; the rest is the first
stage's."""

SAME = 1e-5
"""Features that differ less over the list do not: products of 32-bit vectors are no more exact."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What the features are made of, n hits in the first stage's order.

    `scores` float64 [n], never increasing; `vectors` float32 [n, d] and `query_vector` float32 [1, d], NaN
    rows where there was no time.
    """

    query: QueryWords
    documents: Sequence[ReadDocument]
    fields: Sequence[Mapping[str, FieldValues]]
    scores: FloatArray
    query_vector: list_context.VectorArray
    vectors: list_context.VectorArray


def feature_columns(
    hits: Hits, wanted: AbstractSet[Feature], names: FeatureFields
) -> dict[Feature, FloatArray]:
    """The wanted features but `pair`, each standardised over the list: float64 [n], mean 0, deviation 1.

    A hit that a feature knows nothing of (its vector was not made in time) stands at the mean, and a feature
    that does not tell the hits apart is all zeros.
    """
    raw: dict[Feature, FloatArray] = {}
    if hits.query.wanted:
        raw |= _of_words(hits, wanted)
    raw |= _of_context(hits, wanted)
    if "rating" in wanted:
        raw["rating"] = reputation.rating(hits.fields, names)
    if "popularity" in wanted:
        raw["popularity"] = reputation.popularity(hits.fields, names)
    made = {name: _standing(values) for name, values in raw.items() if name in wanted}
    if "first_stage" in wanted:
        made["first_stage"] = standardised(hits.scores)  # however small a first stage's scores are
    return made


def _of_words(hits: Hits, wanted: AbstractSet[Feature]) -> dict[Feature, FloatArray]:
    query, documents = hits.query, hits.documents
    found = words.WordPlaces.of(query, documents)
    made: dict[Feature, FloatArray] = {
        "title_coverage": words.title_coverage(found),
        "head_coverage": words.head_coverage(found),
        "all_words": words.all_words(found),
        "last_word_early": words.last_word_early(found),
        "word_pairs": words.word_pairs(query, documents),
        "short_title": words.short_title(documents),
        "number_match": attributes.number_match(query, documents),
        "unwanted_absent": attributes.unwanted_absent(query, documents),
    }
    if not wanted.isdisjoint({"brand_match", "brand_agrees"}):
        made["brand_match"] = attributes.brand_match(query, documents)
        made["brand_agrees"] = attributes.brand_agrees(query, documents)
    if "color_match" in wanted:
        made["color_match"] = attributes.color_match(query, documents)
    return made


def _of_context(hits: Hits, wanted: AbstractSet[Feature]) -> dict[Feature, FloatArray]:
    """Similarity, and what follows from it and the first stage about the list as a whole."""
    reached = ~np.isnan(hits.vectors[:, 0])
    similarity = np.full(len(reached), np.nan)
    similarity[reached] = hits.vectors[reached] @ hits.query_vector[0]
    first = (1 - FIRST_BLEND) * standardised(hits.scores) + FIRST_BLEND * _standing(similarity)
    best = np.argsort(-first, kind="stable").tolist()
    made: dict[Feature, FloatArray] = {"similarity": similarity}
    if "feedback_words" in wanted:
        made["feedback_words"] = list_context.feedback_words(hits.documents, best)
    if "category_10" in wanted:
        made["category_10"] = list_context.category_agreement(hits.documents, best[:10])
    if "category_20" in wanted:
        made["category_20"] = list_context.category_agreement(hits.documents, best[:20])
    if reached.any():
        made |= _of_vectors(hits, wanted, reached, first, best)
    return made


def _of_vectors(
    hits: Hits,
    wanted: AbstractSet[Feature],
    reached: np.ndarray[tuple[int], np.dtype[np.bool_]],
    first: FloatArray,
    best: Sequence[int],
) -> dict[Feature, FloatArray]:
    number = np.cumsum(reached) - 1
    known = [int(number[place]) for place in best if reached[place]]
    vectors = hits.vectors if reached.all() else hits.vectors[reached]
    made: dict[Feature, FloatArray] = {
        "feedback_5": list_context.feedback(vectors, known[:5]),
        "feedback_10": list_context.feedback(vectors, known[:10], hits.query_vector),
    }
    if "neighbours" in wanted:
        made["neighbours"] = list_context.neighbours(vectors, first[reached])
    if reached.all():
        return made
    spread = {}
    for name, values in made.items():
        spread[name] = np.full(len(reached), np.nan)
        spread[name][reached] = values
    return spread


def _standing(values: FloatArray) -> FloatArray:
    """Standardised over the known ones; the unknown (NaN), and values as good as equal, at the mean."""
    known = ~np.isnan(values)
    standing = np.zeros(len(values))
    if known.any() and np.ptp(values[known]) > SAME:
        standing[known] = standardised(values[known])
    return standing
