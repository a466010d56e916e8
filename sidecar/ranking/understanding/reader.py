"""Read a query: tokens, names, numbers, negations, intent, specificity. `Reader.read` tells the whole."""

import functools

from sidecar.domain.understanding import Understanding
from sidecar.ranking.understanding.entities import corrected, find_entities
from sidecar.ranking.understanding.intent import Read, intent_of
from sidecar.ranking.understanding.lexicon import load_lexicon
from sidecar.ranking.understanding.negation import find_unwanted
from sidecar.ranking.understanding.numbers import find_numbers
from sidecar.ranking.understanding.pieces import Pieces, cut
from sidecar.ranking.understanding.specificity import specificity
from sidecar.ranking.understanding.vocabulary import Vocabulary
from sidecar.text.tokens import normalised

MOST_PIECES = 64
"""Names, numbers and negations are looked for among so many words and signs; shoppers write fewer."""

REMEMBERED = 4096
LONGEST_REMEMBERED = 256


class Reader:
    """Reads queries against one vocabulary. The last few thousand readings are remembered."""

    def __init__(self, vocabulary: Vocabulary, remembered: int = REMEMBERED) -> None:
        self.vocabulary = vocabulary
        self._remembered = functools.lru_cache(maxsize=remembered)(self.read_anew)

    def read(self, query: str) -> Understanding:
        """The query's understanding, read anew or remembered. Never raises, whatever the text."""
        return self._remembered(query) if len(query) <= LONGEST_REMEMBERED else self.read_anew(query)

    def read_anew(self, query: str) -> Understanding:
        """The query's understanding; the same text gives the same."""
        vocabulary, lexicon = self.vocabulary, load_lexicon()
        text = " ".join(normalised(query).split())
        pieces = cut(text).without_the_rest(MOST_PIECES)
        texts, edits = corrected(pieces, vocabulary)
        entities = find_entities(pieces, texts, edits, vocabulary, lexicon)
        taken = [False] * len(texts)
        for found in entities:
            taken[found.begin : found.end] = [True] * (found.end - found.begin)
        numbers = find_numbers(pieces, taken, lexicon)
        for number in numbers:
            taken[number.begin : number.end] = [True] * (number.end - number.begin)
        unwanted, negations = find_unwanted(pieces, entities, lexicon)
        negated = {place for begin, end in unwanted for place in range(begin, end)}
        filler = negations | {
            place for place, word in enumerate(texts) if not taken[place] and word in lexicon.filler
        }
        read = Read(
            text,
            pieces,
            texts,
            [found for found in entities if found.begin not in negated],
            [found for found in numbers if found.begin not in negated],
            bool(unwanted),
            [place for place in range(len(texts)) if not taken[place] and place not in filler | negated],
        )
        intent, confidence = intent_of(read, vocabulary, lexicon)
        spelt = list(pieces.tokens)
        for place, number_of_edits in enumerate(edits):
            if number_of_edits:
                spelt[pieces.first[place]] = texts[place]
        filler_tokens = _tokens_of(filler, pieces)
        unwanted_tokens = _tokens_of(negated, pieces)
        return Understanding(
            normalised=text,
            tokens=tuple(pieces.tokens),
            corrected=tuple(spelt),
            entities=tuple(found.entity(pieces, negated=found.begin in negated) for found in entities),
            numbers=tuple(found.number(pieces, negated=found.begin in negated) for found in numbers),
            unwanted=tuple(pieces.span(*places) for places in unwanted),
            filler=filler_tokens,
            intent=intent,
            intent_confidence=round(confidence, 4),
            specificity=specificity(
                (
                    word
                    for place, word in enumerate(spelt)
                    if place not in filler_tokens and place not in unwanted_tokens
                ),
                vocabulary,
            ),
            vocabulary=vocabulary.version,
        )


def _tokens_of(places: set[int], pieces: Pieces) -> frozenset[int]:
    """The tokens that lie wholly in these pieces: of signs, the pairs of which both are there."""
    tokens: set[int] = set()
    for place in places:
        if not pieces.signs[place]:
            tokens.add(pieces.first[place])
        elif pieces.goes_on(place):
            if place + 1 in places:
                tokens.add(pieces.first[place])
        elif place == 0 or not pieces.goes_on(place - 1):
            tokens.add(pieces.first[place])  # a sign alone
    return frozenset(tokens)
