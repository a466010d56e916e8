"""The query's words in the titles of a list."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.ranking.relevance.features.document import ReadDocument
from sidecar.ranking.relevance.features.query_words import QueryWords
from sidecar.ranking.standing import FloatArray

HEAD = 8
"""The first tokens of a title, which say what the product is; what follows is often stuffing."""

ABSENT = 40
"""The place of a word that a title does not have."""


@dataclass(frozen=True, slots=True)
class WordPlaces:
    """Where the wanted words stand in each title: int64 [n, q], `ABSENT` where they do not."""

    places: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    weights: FloatArray
    """float64 [q]: how rare each word is among these titles; they add up to 1."""

    @classmethod
    def of(cls, query: QueryWords, documents: Sequence[ReadDocument]) -> "WordPlaces":
        """For a query with at least one word."""
        words = query.wanted
        places = np.array(
            [[get(word, ABSENT) for word in words] for get in [one.places.get for one in documents]],
            dtype=np.int64,
        ).reshape(len(documents), len(words))
        rarity = rarities((places < ABSENT).sum(axis=0), len(documents))
        return cls(places, rarity / rarity.sum())


def rarities(found: np.ndarray[tuple[int], np.dtype[np.int64]], documents: int) -> FloatArray:
    """BM25's inverse document frequency, within the list: what tells its titles apart."""
    return np.asarray(np.log1p((documents - found + 0.5) / (found + 0.5)))


def title_coverage(words: WordPlaces) -> FloatArray:
    """The share of the query, by rarity, that the title has; [n], 0–1."""
    return np.asarray((words.places < ABSENT) @ words.weights)


def head_coverage(words: WordPlaces) -> FloatArray:
    """The same of the title's first tokens."""
    return np.asarray((words.places < HEAD) @ words.weights)


def all_words(words: WordPlaces) -> FloatArray:
    """1 where the title has every word."""
    return np.asarray((words.places < ABSENT).all(axis=1), dtype=np.float64)


def last_word_early(words: WordPlaces) -> FloatArray:
    """How early the query's last word (in English mostly the thing itself) stands in the title."""
    return np.asarray(-np.log(2.0 + words.places[:, -1]))


def word_pairs(query: QueryWords, documents: Sequence[ReadDocument]) -> FloatArray:
    """The share of the query's neighbouring words that are neighbours in the title."""
    if not query.pairs:
        return np.zeros(len(documents))
    return np.array([len(query.pairs & one.pairs) for one in documents]) / len(query.pairs)


def short_title(documents: Sequence[ReadDocument]) -> FloatArray:
    """A short title is about fewer things."""
    return np.asarray(-np.log1p([len(one.title) for one in documents]))
