"""The fields of one search's hits as arrays, each read once and only when a rule asks for it."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.candidate import Candidate
from sidecar.rules.expression.functions import seconds_of
from sidecar.text.folding import folded, spaced, words

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int32]

FLOATS = {float}
TEXT_OR_NONE = {str, type(None)}

COLUMNS_OF, PLACE_OF = attrgetter("columns"), attrgetter("place")

MOST_VALUES = 100
"""Of one field of one document; the values after these are not looked at."""


class Columns:
    """n hits in the order given. `now` is in seconds since 1970.

    A value counts for the kind that is asked for if it can be written that way, as OpenSearch takes it too:
    the text "19.99" is a number, the number 42 is the text "42", "true" is a flag. Other values are missing.
    Nothing raises, whatever the documents hold.
    """

    def __init__(self, candidates: Sequence[Candidate], now: float) -> None:
        self.count = len(candidates)
        self.now = now
        self._candidates = candidates
        self._fields = [candidate.fields for candidate in candidates]
        self._places = _places_in_columns(self._fields)
        self._single: dict[str, Sequence[Any] | None] = {}
        self._kinds: dict[str, type] = {}  # of the fields whose single values are known to be of one
        self._values: dict[str, list[Any]] = {}
        self._numbers: dict[str, Numbers] = {}
        self._dates: dict[str, Numbers] = {}
        self._flags: dict[str, NDArray[np.int8]] = {}
        self._codes: dict[str, tuple[Codes, dict[str, int]]] = {}
        self._texts: dict[str, list[tuple[str, ...]]] = {}
        self._words: dict[str, list[tuple[str, ...]]] = {}
        self._spaced: dict[str, list[str]] = {}
        self._ids: tuple[str, ...] | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The documents' ids; not unique where several indices are searched."""
        if self._ids is None:
            self._ids = tuple([candidate.id for candidate in self._candidates])
        return self._ids

    def numbers(self, field: str) -> Numbers:
        """[n] the first number, NaN where there is none."""
        return self.all_numbers(field)[:, 0]

    def all_numbers(self, field: str) -> Numbers:
        """[n, m] padded with NaN; m is at least 1."""
        found = self._numbers.get(field)
        if found is None:
            found = self._numbers[field] = self._table(field, _number)
        return found

    def dates(self, field: str) -> Numbers:
        """[n] seconds since 1970 of the first date, NaN where there is none."""
        return self.all_dates(field)[:, 0]

    def all_dates(self, field: str) -> Numbers:
        """[n, m] of ISO texts and of milliseconds since 1970, padded with NaN; m is at least 1."""
        found = self._dates.get(field)
        if found is None:
            found = self._dates[field] = self._table(field, _date)
        return found

    def flags(self, field: str) -> NDArray[np.int8]:
        """[n, 2] whether there is a false, whether there is a true."""
        found = self._flags.get(field)
        if found is None:
            found = np.zeros((self.count, 2), np.int8)
            for place, values in enumerate(self.values(field)):
                for value in values:
                    flag = _flag(value)
                    if flag is not None:
                        found[place, int(flag)] = 1
            self._flags[field] = found
        return found

    def codes(self, field: str) -> tuple[Codes, dict[str, int]]:
        """[n, m] the number of each folded text, padded with -1 (m is at least 1), and the number by text."""
        found = self._codes.get(field)
        if found is None:
            found = self._codes[field] = self._numbered(field)
        return found

    def value_codes(self, field: str) -> Codes:
        """[n, m] as `codes`, with -1 for empty texts too: what hits share, and an empty brand is no brand."""
        codes, known = self.codes(field)
        empty = known.get("")
        return codes if empty is None else np.where(codes == empty, np.int32(-1), codes)

    def texts(self, field: str) -> list[tuple[str, ...]]:
        """n times the texts as they are."""
        found = self._texts.get(field)
        if found is None:
            single = self._single_texts(field)
            found = self._texts[field] = (
                [_texts(values) for values in self.values(field)]
                if single is None
                else [() if text is None else (text,) for text in single]
            )
        return found

    def words(self, field: str) -> list[tuple[str, ...]]:
        """n times the words of all texts, folded as a query's are."""
        found = self._words.get(field)
        if found is None:
            single = self._single_texts(field)
            found = self._words[field] = (
                [
                    words(texts[0])
                    if len(texts) == 1
                    else tuple([word for text in texts for word in words(text)])
                    for texts in self.texts(field)
                ]
                if single is None
                else [() if text is None else words(text) for text in single]
            )
        return found

    def spaced_words(self, field: str) -> list[str]:
        """n times the same as one text with a space around each word, and a line's end between two texts."""
        found = self._spaced.get(field)
        if found is None:
            single = self._single_texts(field)
            found = self._spaced[field] = (
                [
                    spaced(texts[0]) if len(texts) == 1 else "\n".join(map(spaced, texts))
                    for texts in self.texts(field)
                ]
                if single is None
                else ["" if text is None else spaced(text) for text in single]
            )
        return found

    def exists(self, field: str) -> Flags:
        """[n] whether there is any value."""
        return np.array([len(values) > 0 for values in self.values(field)], np.bool_)

    def values(self, field: str) -> list[Any]:
        """n times the values as they came; an empty tuple where there are none."""
        found = self._values.get(field)
        if found is None:
            found = self._read(field)
            if max(map(len, found), default=0) > MOST_VALUES:
                found = [values[:MOST_VALUES] for values in found]
            self._values[field] = found
        return found

    def single(self, field: str) -> Sequence[Any] | None:
        """n times the only value, or None for a hit without; None where some hit has several."""
        if field not in self._single:
            if self._places is not None:
                alone = self._fields[0].alone(field)  # type: ignore[attr-defined]
                if alone is not None:
                    found = self._single[field] = self._places(alone)
                    self._kinds[field] = found[0].__class__  # a column's values are of one kind
                    return found
            rows = self.values(field)
            several = max(map(len, rows), default=0) > 1
            self._single[field] = None if several else [row[0] if row else None for row in rows]
        return self._single[field]

    def _read(self, field: str) -> list[Any]:
        """Where the hits came in columns one is read as a whole: asking hit by hit is much slower."""
        if self._places is None:
            return [fields.get(field) or () for fields in self._fields]
        rows: Sequence[Any] = self._fields[0].rows(field)  # type: ignore[attr-defined]
        return list(self._places(rows)) if rows else [()] * self.count

    def _table(self, field: str, read: Callable[[Any], float]) -> Numbers:
        """[n, m] of what `read` makes of the values, padded with NaN; m is at least 1."""
        single = self.single(field)
        if single is None:
            return _padded(self.values(field), read)
        return _alone(single, read, self._kinds.get(field))

    def _single_texts(self, field: str) -> Sequence[str | None] | None:
        single = self.single(field)
        if single is None or self._kinds.get(field) is str or set(map(type, single)) <= TEXT_OR_NONE:
            return single
        return [
            None if value is None else value if value.__class__ is str else _text(value) for value in single
        ]

    def _numbered(self, field: str) -> tuple[Codes, dict[str, int]]:
        known: dict[str, int] = {}
        following = known.__len__
        single = self._single_texts(field)
        if single is not None:
            # A text is folded once, however many hits have it.
            seen = dict.fromkeys(single, -1)
            for text in seen:
                if text is not None:
                    seen[text] = known.setdefault(folded(text), following())
            codes = np.fromiter(map(seen.__getitem__, single), np.int32, self.count)
            return codes.reshape(self.count, 1), known
        rows = self.texts(field)
        width = max(map(len, rows), default=1) or 1
        code = {
            text: known.setdefault(folded(text), following())
            for text in dict.fromkeys([text for row in rows for text in row])
        }.__getitem__
        padding = [-1] * width
        table = [[*map(code, row), *padding[len(row) :]] for row in rows]
        return np.array(table, np.int32).reshape(self.count, width), known


def _places_in_columns(fields: Sequence[Any]) -> Callable[[Sequence[Any]], Sequence[Any]] | None:
    """Picks the hits' values from the columns that all of them came in (`server.columns`); None if they did
    not."""
    try:
        columns = list(map(COLUMNS_OF, fields))
    except AttributeError:
        return None
    if len(fields) < 2 or columns.count(columns[0]) < len(columns):
        return None
    return itemgetter(*map(PLACE_OF, fields))


def _alone(values: Sequence[Any], read: Callable[[Any], float], kind: type | None) -> Numbers:
    """[n, 1] of one value each, None where there is none. `kind` is that of all of them, where known."""
    if kind is float or set(map(type, values)) == FLOATS:
        table = np.array(values, np.float64).reshape(-1, 1)
        if read is _date:
            table /= 1000
        # Numbers that add up are finite, each of them.
        if math.isfinite(sum(values)):
            return table
    else:
        flat = [math.nan if value is None else read(value) for value in values]
        table = np.array(flat, np.float64).reshape(-1, 1)
    table[np.isinf(table)] = math.nan
    return table


def _padded(rows: list[Any], read: Callable[[Any], float]) -> Numbers:
    """[n, m] the values that are no NaN, from the left; infinite ones are none either."""
    width = max(map(len, rows), default=1) or 1
    table = np.full((len(rows), width), math.nan)
    for place, row in enumerate(rows):
        column = 0
        for value in row:
            number = read(value)
            if math.isfinite(number):
                table[place, column] = number
                column += 1
    return table


def _number(value: Any) -> float:
    if value.__class__ is float:
        return value
    if value.__class__ is int:
        try:
            return float(value)
        except OverflowError:
            return math.nan
    return _spelt(value) if value.__class__ is str else math.nan


@lru_cache(maxsize=16_384)
def _spelt(text: str) -> float:
    """The number that a text spells. Python would take `1_000` and `nan`, which OpenSearch does not."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan


def _date(value: Any) -> float:
    return _date_spelt(value) if value.__class__ is str else _number(value) / 1000


@lru_cache(maxsize=16_384)
def _date_spelt(text: str) -> float:
    """Milliseconds as well, which OpenSearch takes as a text too; four digits are a year."""
    if text.isdecimal() and len(text) != 4:
        return _spelt(text) / 1000
    seconds = seconds_of(text)
    return math.nan if seconds is None else seconds


def _flag(value: Any) -> bool | None:
    if value.__class__ is bool:
        return value
    if value.__class__ is str:
        return {"true": True, "false": False}.get(value)
    return None


def _text(value: Any) -> str:
    if value.__class__ is float:
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if value.__class__ is bool:
        return "true" if value else "false"
    return str(value)


def _texts(values: Any) -> tuple[str, ...]:
    if len(values) == 1 and values[0].__class__ is str:
        return (values[0],)
    return tuple([one if one.__class__ is str else _text(one) for one in values])
