"""How few products the words of a query can mean."""

import math
from collections.abc import Iterable

from sidecar.ranking.understanding.vocabulary import Vocabulary

# Without a catalogue: what a word and a number say, in nats, of a shop of so many products.
USUAL_DOCUMENTS = 100_000
USUAL_WORD = 4.0
USUAL_NUMBER = 5.0


def specificity(words: Iterable[str], vocabulary: Vocabulary) -> float:
    """0–1, rising with every further word and with its rarity in titles.

    1 − exp(−s), where s is what the distinct words say (the sum of their inverse document frequencies)
    over what it takes to single out one product of the catalogue, ln(products).
    """
    documents = vocabulary.documents
    told = 0.0
    for word in set(words):
        if documents:
            # A word of no title says as much as one of a single title: it may be a misspelling.
            told += math.log((documents + 1) / max(vocabulary.words.get(word, 0), 1))
        else:
            told += USUAL_NUMBER if any(sign.isdigit() for sign in word) else USUAL_WORD
    needed = math.log((documents or USUAL_DOCUMENTS) + 1)
    return round(1.0 - math.exp(-told / needed), 4) if told > 0 else 0.0
