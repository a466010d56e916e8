"""The values of a condition on a query's words, so that hundreds can be compared with hundreds."""

from collections.abc import Sequence
from functools import cached_property, lru_cache

from sidecar.text.folding import lone_sign, words

Tokens = tuple[str, ...]

KEPT = 20_000
"""Lists of values that are remembered: each is compared with those of all other rules."""

LONGEST_BEGINNING = 16
"""Tokens of a beginning that are compared; what agrees that far may begin alike."""


class Phrases:
    """`phrases` are the values with words; `signs` those that are one Chinese, Japanese or Korean sign, which
    is looked for inside of a query's pairs of signs as well."""

    def __init__(self, values: Sequence[str]) -> None:
        signs = {value: lone_sign(value) for value in values}
        self.signs = frozenset(filter(None, signs.values()))
        self.phrases = frozenset(found for value in values if not signs[value] and (found := words(value)))

    @cached_property
    def tokens(self) -> frozenset[Tokens]:
        """All values with words, as a query that is one of them is cut."""
        return self.phrases | {(sign,) for sign in self.signs}

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of all phrases."""
        return frozenset(word for found in self.phrases for word in found)

    def within(self, query: Tokens) -> bool:
        """Whether one of them stands somewhere in a query."""
        return any(sign in word for sign in self.signs for word in query) or any(
            query[place : place + length] in self.phrases
            for length in self._lengths
            for place in range(len(query) - length + 1)
        )

    def begin(self, query: Tokens) -> bool:
        """Whether a query begins with one of them."""
        return query[0][0] in self.signs or any(query[:length] in self.phrases for length in self._lengths)

    def all_within(self, query: Tokens) -> bool:
        """Whether all of them, word by word, stand in a query."""
        return self.words.issubset(query) and all(any(sign in word for word in query) for sign in self.signs)

    def may_begin_with(self, other: "Phrases") -> bool:
        """Whether a query can begin with one of these and one of those."""
        return not (self._heads.isdisjoint(other._beginnings) and other._heads.isdisjoint(self._beginnings))

    @cached_property
    def _lengths(self) -> frozenset[int]:
        return frozenset(map(len, self.phrases))

    @cached_property
    def _heads(self) -> frozenset[Tokens]:
        return frozenset(found[:LONGEST_BEGINNING] for found in self.tokens)

    @cached_property
    def _beginnings(self) -> frozenset[Tokens]:
        """The first token of each, the first two, and so on; and the sign that the first pair begins with."""
        begun = {found[:length] for found in self._heads for length in range(1, len(found) + 1)}
        return frozenset(begun | {(sign,) for found in self._heads if (sign := lone_sign(found[0][0]))})


def phrases_of(values: Sequence[str]) -> Phrases:
    """The phrases of a list of values."""
    return _phrases_of(tuple(values))


@lru_cache(maxsize=KEPT)
def _phrases_of(values: tuple[str, ...]) -> Phrases:
    return Phrases(values)
