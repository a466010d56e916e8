"""Light plural folding, rule for rule as OpenSearch's `plural_english` stemmer does it.

Source: the rules of its EnglishPluralStemFilter. What the index folds must fold here, or a feature would
miss what BM25 found.
"""

from functools import lru_cache

KEEP_E = frozenset({"shoes", "canoes", "oboes"})
KEEP_E_AFTER_CH = frozenset(
    {
        *("cliches", "avalanches", "mustaches", "moustaches", "quiches"),
        *("headaches", "heartaches", "porsches", "tranches", "caches"),
    }
)


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """`couches` → couch, `shoes` → shoe, `batteries` → battery, `glass` → glass; other words as they are."""
    if len(word) < 3 or word[-1] != "s" or word[-2] in "us":
        return word
    if word[-2] == "e" and len(word) > 3:
        long = len(word) > 4
        if long and word[-3] == "i":
            return word[:-3] + "y"
        if word[-3] == "o":
            return word[:-1] if word in KEEP_E else word[:-2]
        if long and (word[-3] == "x" or word[-4:-2] in ("sh", "ss")):
            return word[:-2]
        if long and word[-4:-2] == "ch":
            return word[:-1] if word in KEEP_E_AFTER_CH else word[:-2]
    return word[:-1]
