"""A query cut into the smallest pieces that a name can begin or end at: words, numbers and single signs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sidecar.domain.understanding import Span
from sidecar.text.tokens import pairs, runs, tokens_of_normalised


@dataclass(frozen=True, slots=True)
class Pieces:
    """Parallel sequences over the pieces of one query.

    `texts` are folded words, numbers, and signs one by one; `signs` tells which are signs; `first` and `last`
    are the first token that a name beginning with the piece covers, and the one behind the last that a name
    ending with it covers. `tokens` are the query's tokens.
    """

    texts: list[str]
    signs: list[bool]
    first: list[int]
    last: list[int]
    tokens: list[str]
    any_signs: bool

    def without_the_rest(self, count: int) -> "Pieces":
        """The first `count` pieces of the same tokens."""
        if len(self.texts) <= count:
            return self
        return replace(
            self,
            texts=self.texts[:count],
            signs=self.signs[:count],
            first=self.first[:count],
            last=self.last[:count],
        )

    def goes_on(self, place: int) -> bool:
        """Whether a sign is followed by another one of its run."""
        after = place + 1
        return (
            after < len(self.texts)
            and self.signs[place]
            and self.signs[after]
            and self.last[after] == self.first[place] + 1
        )

    def span(self, begin: int, end: int) -> Span:
        """The tokens of the pieces from `begin` to before `end`, at least one."""
        first = self.first[begin]
        return first, max(first + 1, self.last[end - 1])

    def phrase(self, begin: int, end: int, texts: Sequence[str] | None = None) -> str:
        """The pieces (or `texts` in their place) as vocabularies write them: spaces only between words."""
        return spelt((texts or self.texts)[begin:end], self.signs[begin:end] if self.any_signs else None)


def spelt(texts: Sequence[str], signs: Sequence[bool] | None) -> str:
    """Words joined by spaces, signs and their neighbours without. `signs` None: words only."""
    if signs is None:
        return " ".join(texts)
    parts: list[str] = []
    for place, text in enumerate(texts):
        if place and not signs[place] and not signs[place - 1]:
            parts.append(" ")
        parts.append(text)
    return "".join(parts)


def cut(normalised: str) -> Pieces:
    """The pieces of a text that went through `tokens.normalised`."""
    if normalised.isascii():
        words = tokens_of_normalised(normalised)
        count = len(words)
        return Pieces(
            words, [False] * count, list(range(count)), list(range(1, count + 1)), words, any_signs=False
        )
    pieces = Pieces([], [], [], [], [], any_signs=True)
    for run, is_signs in runs(normalised):
        token = len(pieces.tokens)
        if not is_signs:
            pieces.texts.append(run)
            pieces.signs.append(False)
            pieces.first.append(token)
            pieces.last.append(token + 1)
            pieces.tokens.append(run)
            continue
        found = pairs(run)
        pieces.tokens.extend(found)
        for offset, sign in enumerate(run):
            pieces.texts.append(sign)
            pieces.signs.append(True)
            # The last sign begins no pair of its own.
            pieces.first.append(token + min(offset, len(found) - 1))
            pieces.last.append(token + max(offset, 1))
    return pieces


def phrase_of(normalised: str) -> str:
    """A name as vocabularies write it: folded words joined by spaces, signs without."""
    pieces = cut(normalised)
    return pieces.phrase(0, len(pieces.texts))
