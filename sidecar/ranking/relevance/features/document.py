"""A hit as the features read it, kept between searches by the content of its fields."""

import itertools
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidecar.config.profile import FeatureFields
from sidecar.domain.candidate import FieldValues
from sidecar.text.tokens import tokens

KEPT = 20_000
"""Documents kept read; each takes some 3 KB."""

MAX_TITLE_TOKENS = 64
PATH_SEPARATORS = (" > ", " / ", ">", "|")
JOINER = "\x1f"


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """The title's tokens in order, where each stands first, which stand side by side; the fields' tokens.

    `category` holds the path's levels as prefixes: shoes, shoes/boots, shoes/boots/chelsea.
    """

    title: Sequence[str]
    places: Mapping[str, int]
    pairs: frozenset[tuple[str, str]]
    brand: frozenset[str]
    color: frozenset[str]
    category: Sequence[str]
    leaf: str
    """The last of these, "" without a category."""


class DocumentReader:
    """Reads a document once; the least recently used go when `KEPT` are there. For one event loop."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._read: OrderedDict[tuple[str, str, str, str], ReadDocument] = OrderedDict()

    def read(self, fields: Mapping[str, FieldValues], names: FeatureFields) -> ReadDocument:
        """The document with these fields."""
        get = fields.get
        key = (
            _joined(get(names.title)),
            _joined(get(names.brand)),
            _joined(get(names.color)),
            _joined(get(names.category)),
        )
        known = self._read.get(key)
        if known is not None:
            self._read.move_to_end(key)
            return known
        made = self._read[key] = _read(*key)
        if len(self._read) > self._kept:
            self._read.popitem(last=False)
        return made


def _joined(values: FieldValues | None) -> str:
    if not values:
        return ""
    return str(values[0]) if len(values) == 1 else JOINER.join([str(value) for value in values])


def _read(title: str, brand: str, color: str, category: str) -> ReadDocument:
    words = tokens(title.replace(JOINER, " "))[:MAX_TITLE_TOKENS]
    places: dict[str, int] = {}
    for place, word in enumerate(words):
        places.setdefault(word, place)
    levels = _prefixes(category)
    return ReadDocument(
        tuple(words),
        places,
        frozenset(itertools.pairwise(words)),
        frozenset(tokens(brand.replace(JOINER, " "))),
        frozenset(tokens(color.replace(JOINER, " "))),
        levels,
        levels[-1] if levels else "",
    )


def _prefixes(category: str) -> tuple[str, ...]:
    """The path from the root, level by level; a single value may spell the path out."""
    levels = category.split(JOINER)
    if len(levels) == 1:
        separator = next((sign for sign in PATH_SEPARATORS if sign in category), JOINER)
        levels = category.split(separator)
    folded = [level.strip().lower() for level in levels if level.strip()]
    return tuple(JOINER.join(folded[:depth]) for depth in range(1, len(folded) + 1))
