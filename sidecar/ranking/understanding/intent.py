"""What the shopper is after, by rules that can be read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.domain.understanding import EntityKind, Intent
from sidecar.ranking.understanding.entities import Found
from sidecar.ranking.understanding.lexicon import Lexicon, Phrases
from sidecar.ranking.understanding.numbers import FoundNumber
from sidecar.ranking.understanding.pieces import Pieces
from sidecar.ranking.understanding.vocabulary import Vocabulary

CODE = re.compile(r"(?:^|\s)(?=\S{5,})([a-z]{1,5})[-/]?\d{2,}[a-z0-9-]*(?=\s|$)")
"""A model's code as it is written: wh-1000xm4, b07x123. `spf50` and `size10` are none."""

SHORTEST_ARTICLE_NUMBER = 7
RARE = 0.002
"""In at most this share of the titles, or in so few of them, a word behind a brand is a model's name."""
FEW = 4
ENOUGH_TITLES = 500


@dataclass(frozen=True, slots=True)
class Read:
    """What was found in a query before its intent is asked for. `rest` are the places of pieces that
    nothing else covers: no name, number, negation or filler."""

    query: str
    pieces: Pieces
    texts: Sequence[str]
    entities: Sequence[Found]
    numbers: Sequence[FoundNumber]
    unwanted: bool
    rest: Sequence[int]


def intent_of(read: Read, vocabulary: Vocabulary, lexicon: Lexicon) -> tuple[Intent, float]:
    """The intent and its confidence. The first rule that fits counts; the confidences were set by hand."""
    if not read.pieces.texts:
        return Intent.CATEGORY, 0.0
    kinds = {found.kind for found in read.entities}
    if contains(read.pieces, lexicon.compare):
        return Intent.COMPARE, 0.9
    asked = _question(read, lexicon)
    if asked:
        return Intent.QUESTION, asked
    has_brand = EntityKind.BRAND in kinds
    if _has_code(read, lexicon):
        return Intent.EXACT_PRODUCT, 0.9 if has_brand else 0.75
    models = _models(read, vocabulary)
    if has_brand and models:
        return Intent.EXACT_PRODUCT, 0.8 if len(models) > 1 or read.numbers else 0.65
    attributes = (
        len(kinds & {EntityKind.COLOR, EntityKind.SIZE})
        + sum(1 for number in read.numbers if number.unit is not None)
        + (1 if read.unwanted else 0)
    )
    if attributes:
        return Intent.ATTRIBUTE, min(0.95, 0.75 + 0.1 * attributes)
    if has_brand:
        alone = len(kinds) == 1 and not read.rest
        return Intent.BRAND, 0.95 if alone else 0.7
    if EntityKind.CATEGORY in kinds:
        words = _rest_words(read)
        if not words:
            return Intent.CATEGORY, 0.9
        return (Intent.ATTRIBUTE, 0.6) if not read.numbers else (Intent.ATTRIBUTE, 0.7)
    if read.numbers:
        return Intent.ATTRIBUTE, 0.5
    return (Intent.CATEGORY, 0.5) if _rest_words(read) <= 2 else (Intent.ATTRIBUTE, 0.4)


def contains(pieces: Pieces, phrases: Phrases) -> bool:
    """Whether one of the phrases stands anywhere in the query."""
    return any(_at(pieces, place, phrases) for place in range(len(pieces.texts)))


def _at(pieces: Pieces, place: int, phrases: Phrases) -> bool:
    return any(
        pieces.phrase(place, end) in phrases.phrases
        for end in range(place + 1, min(place + phrases.longest, len(pieces.texts)) + 1)
    )


def _question(read: Read, lexicon: Lexicon) -> float:
    """How surely the query asks for advice; 0: it does not."""
    if read.query.endswith(("?", "？")):
        return 0.95
    if _at(read.pieces, 0, lexicon.question_openings):
        return 0.9 if len(read.pieces.texts) > 2 else 0.6
    if contains(read.pieces, lexicon.question_signs):
        return 0.8
    return 0.55 if contains(read.pieces, lexicon.question_weak) else 0.0


def _has_code(read: Read, lexicon: Lexicon) -> bool:
    """A model's code or a long number, as articles have."""
    for match in CODE.finditer(read.query):
        letters = match.group(1)
        if letters not in lexicon.units and letters not in lexicon.size_words_before:
            return True
    return any(
        number.unit is None and len(read.texts[number.begin]) >= SHORTEST_ARTICLE_NUMBER
        for number in read.numbers
    ) or any(
        read.texts[place].isdigit() and len(read.texts[place]) >= SHORTEST_ARTICLE_NUMBER
        for place in read.rest
    )


def _models(read: Read, vocabulary: Vocabulary) -> list[int]:
    """The words that follow a brand and name a model of it."""
    models = []
    for found in read.entities:
        place = found.end
        while found.kind is EntityKind.BRAND and place in read.rest:
            if not _names_a_model(read, place, vocabulary):
                break
            models.append(place)
            place += 1
    return models


def _names_a_model(read: Read, place: int, vocabulary: Vocabulary) -> bool:
    """Whether a word beside a brand is so rare in titles that it must be a model's name."""
    word = read.texts[place]
    if not vocabulary.documents or read.pieces.signs[place] or len(word) < 3:
        return False
    seen = vocabulary.words.get(word, 0)
    if not seen:
        # Nobody's word, and a number beside it: most likely a model that this shop does not have.
        return word == read.pieces.texts[place] and any(number.unit is None for number in read.numbers)
    few = FEW if vocabulary.documents >= ENOUGH_TITLES else 0
    return seen <= max(few, vocabulary.documents * RARE)


def _rest_words(read: Read) -> int:
    """Words that say something more; a run of signs counts as one word for each pair."""
    signs = sum(1 for place in read.rest if read.pieces.signs[place])
    return len(read.rest) - signs + (signs + 1) // 2
