"""A query as the features read it: the words that are wanted, in order, and those that are not."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.domain.understanding import Understanding
from sidecar.text.tokens import tokens

MOST_WORDS = 24
"""Words looked at; a longer query is an essay, and its first words say what it is about."""


@dataclass(frozen=True, slots=True)
class QueryWords:
    """`wanted` without repeats and never empty unless the query is; `pairs` stand side by side in it."""

    wanted: Sequence[str]
    pairs: frozenset[tuple[str, str]]
    numbers: Sequence[str]
    unwanted: frozenset[str]


def query_words(query: str, understanding: Understanding | None) -> QueryWords:
    """The words of a query; without an understanding all of them are wanted."""
    if understanding is None:
        return _words(tokens(query), frozenset())
    unwanted_places = {place for begin, end in understanding.unwanted for place in range(begin, end)}
    corrected, filler = understanding.corrected, understanding.filler
    wanted = [
        word for place, word in enumerate(corrected) if place not in unwanted_places and place not in filler
    ]
    unwanted = frozenset(corrected[place] for place in unwanted_places if place not in filler)
    # "not your phone": a query that only says what it does not want is about that.
    return _words(wanted or list(corrected), unwanted - set(wanted) if wanted else frozenset())


def _words(wanted: list[str], unwanted: frozenset[str]) -> QueryWords:
    distinct = list(dict.fromkeys(wanted[:MOST_WORDS]))
    return QueryWords(
        distinct,
        frozenset(itertools.pairwise(distinct)),
        [word for word in distinct if word[0].isdigit()],
        unwanted,
    )
