"""What the query names, against the hit's own fields. A list of no such hits gets zeros."""

from collections.abc import Sequence

import numpy as np

from sidecar.ranking.relevance.features.document import ReadDocument
from sidecar.ranking.relevance.features.query_words import QueryWords
from sidecar.ranking.standing import FloatArray

NEGATORS = frozenset({"without", "no", "non", "less", "zero", "not", "free", "removable"})
"""Words beside an unwanted one that take it back: no handle, handle free, non stick."""

BEFORE, BEHIND = 3, 1
"""How many tokens around an unwanted word a negator may stand."""


def brand_match(query: QueryWords, documents: Sequence[ReadDocument]) -> FloatArray:
    """1 where the query names the hit's brand as a whole."""
    wanted = frozenset(query.wanted)
    return np.array([float(bool(one.brand) and one.brand <= wanted) for one in documents])


def brand_agrees(query: QueryWords, documents: Sequence[ReadDocument]) -> FloatArray:
    """−1 for another brand than the one that the query names; 0 where it names none of the list's."""
    matches = brand_match(query, documents)
    named = {one.brand for one, match in zip(documents, matches.tolist(), strict=True) if match}
    if not named:
        return matches
    return np.array([-float(bool(one.brand) and one.brand not in named) for one in documents])


def color_match(query: QueryWords, documents: Sequence[ReadDocument]) -> FloatArray:
    """1 where the query names a word of the hit's colour."""
    return np.array([float(not one.color.isdisjoint(query.wanted)) for one in documents])


def number_match(query: QueryWords, documents: Sequence[ReadDocument]) -> FloatArray:
    """The share of the query's numbers that the title has."""
    if not query.numbers:
        return np.zeros(len(documents))
    return np.array([sum(number in one.places for number in query.numbers) for one in documents]) / len(
        query.numbers
    )


def unwanted_absent(query: QueryWords, documents: Sequence[ReadDocument]) -> FloatArray:
    """1 where the title takes back what the query does not want, −1 where it has it, 0 where it is silent."""
    if not query.unwanted:
        return np.zeros(len(documents))
    without = frozenset(word + "less" for word in query.unwanted)
    return np.array([_says(one, query.unwanted, without) for one in documents])


def _says(document: ReadDocument, unwanted: frozenset[str], without: frozenset[str]) -> float:
    if unwanted.isdisjoint(document.places) and without.isdisjoint(document.places):
        return 0.0
    words = document.title
    said = 0
    for place, word in enumerate(words):
        if word in without:
            said += 1
        elif word in unwanted:
            around = (*words[max(0, place - BEFORE) : place], *words[place + 1 : place + 1 + BEHIND])
            said += 1 if not NEGATORS.isdisjoint(around) else -1
    return float(max(-1, min(1, said)))
