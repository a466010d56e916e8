"""What a query says, as far as it can be told from its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

Span = tuple[int, int]
"""A run of tokens: the first, and the one behind the last; never empty."""


class EntityKind(StrEnum):
    """What an entity is the name of."""

    BRAND = "brand"
    CATEGORY = "category"
    COLOR = "color"
    SIZE = "size"


class Intent(StrEnum):
    """What the shopper is after."""

    EXACT_PRODUCT = "exact_product"
    BRAND = "brand"
    CATEGORY = "category"
    ATTRIBUTE = "attribute"
    QUESTION = "question"
    COMPARE = "compare"


@dataclass(frozen=True, slots=True)
class Entity:
    """Words that name something of the shop.

    `value` is the catalogue's (or the lexicon's) spelling, `phrase` its tokens joined by spaces (a run of
    signs as it is). `distance` counts the edits between the query's words and the phrase; `confidence` is
    0–1. `negated`: it is not wanted.
    """

    kind: EntityKind
    value: str
    phrase: str
    span: Span
    distance: int = 0
    confidence: float = 1.0
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number with what it counts or measures.

    `unit` is the unit's canonical name and `dimension` what it measures ("length", "volume", "count", …);
    both are "" for a bare number. `amount` is the value in the dimension's base unit (metre, litre,
    kilogram, watt, …), so that 12 in and 30.48 cm are equal.
    """

    value: float
    unit: str
    dimension: str
    amount: float
    span: Span
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Understanding:
    """A query, taken apart. The same query and vocabulary give the same understanding.

    `normalised` is the query in compatible, lower-case letters with single spaces. `corrected` has as many
    tokens as `tokens`, misspelt ones in the catalogue's spelling. `unwanted` are the spans that a negation
    covers, whether they name an entity or not; `filler` are the places of tokens that say nothing about a
    product (for, the, without, how). `specificity` is 0–1: how few products the words can mean.
    `vocabulary` is the version of what was recognised against, "" without a catalogue.
    """

    normalised: str
    tokens: Sequence[str]
    corrected: Sequence[str]
    entities: Sequence[Entity]
    numbers: Sequence[Number]
    unwanted: Sequence[Span]
    filler: frozenset[int]
    intent: Intent
    intent_confidence: float
    specificity: float
    vocabulary: str = ""

    def of_kind(self, kind: EntityKind) -> list[Entity]:
        """The wanted entities of a kind, in the query's order."""
        return [entity for entity in self.entities if entity.kind is kind and not entity.negated]
