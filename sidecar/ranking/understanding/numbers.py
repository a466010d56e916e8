"""Find numbers and what they measure: 12 in, 500ml, pack of 6, 三人."""

from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.domain.understanding import Number
from sidecar.ranking.understanding.lexicon import Lexicon, Unit
from sidecar.ranking.understanding.pieces import Pieces

LONGEST_NUMBER = 15
"""Characters; what is longer is a code."""

COUNTED_BEFORE = frozenset({"pack", "set", "box", "bag", "case"})
PIECE = Unit("piece", "count", 1.0)


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A number by the pieces that it covers; `unit` None: a bare number."""

    begin: int
    end: int
    value: float
    unit: Unit | None

    def number(self, pieces: Pieces, *, negated: bool) -> Number:
        """The number by its tokens."""
        span = pieces.span(self.begin, self.end)
        if self.unit is None:
            return Number(self.value, "", "", self.value, span, negated)
        # Twelve digits: 12 in and 30.48 cm are to be equal.
        amount = float(f"{self.value * self.unit.factor:.12g}")
        return Number(self.value, self.unit.name, self.unit.dimension, amount, span, negated)


def find_numbers(pieces: Pieces, taken: Sequence[bool], lexicon: Lexicon) -> list[FoundNumber]:
    """The numbers in the query's order, of the pieces that are not taken by entities.

    The first of `8 x 10 in` gets the unit of the last.
    """
    found: list[FoundNumber] = []
    texts = pieces.texts
    place = 0
    while place < len(texts):
        number = None if taken[place] else _number(pieces, place, taken, lexicon)
        if number is None:
            place += 1
        else:
            found.append(number)
            place = number.end
    return _with_the_unit_of_the_last(found, texts)


def _number(pieces: Pieces, place: int, taken: Sequence[bool], lexicon: Lexicon) -> FoundNumber | None:
    texts = pieces.texts
    text = texts[place]
    if "0" <= text[0] <= "9":
        if len(text) > LONGEST_NUMBER:
            return None
        unit, end = _unit(pieces, place + 1, taken, lexicon)
        if unit is None and place >= 2 and texts[place - 1] == "of" and texts[place - 2] in COUNTED_BEFORE:
            return FoundNumber(place - 2, place + 1, float(text), PIECE)
        return FoundNumber(place, end, float(text), unit)
    value = lexicon.number_words.get(text)
    if value is None:
        return None
    unit, end = _unit(pieces, place + 1, taken, lexicon)
    # `one a day`: a single letter behind a number word is no unit.
    if unit is None or (len(texts[end - 1]) == 1 and not pieces.signs[end - 1]):
        return None
    return FoundNumber(place, end, value, unit)


def _unit(pieces: Pieces, place: int, taken: Sequence[bool], lexicon: Lexicon) -> tuple[Unit | None, int]:
    """The longest unit that begins here, and where it ends."""
    texts = pieces.texts
    for end in range(min(place + lexicon.longest_unit, len(texts)), place, -1):
        if any(taken[place:end]):
            continue
        unit = lexicon.units.get(pieces.phrase(place, end))
        if unit is not None:
            return unit, end
    return None, place


def _with_the_unit_of_the_last(found: list[FoundNumber], texts: Sequence[str]) -> list[FoundNumber]:
    for at in range(len(found) - 2, -1, -1):
        this, after = found[at], found[at + 1]
        if this.unit is None and after.unit is not None and texts[this.end : after.begin] in (["x"], ["by"]):
            found[at] = FoundNumber(this.begin, this.end, this.value, after.unit)
    return found
