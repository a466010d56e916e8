"""Learn from titles what shoppers call the products of a category: settee for Sofas & Couches."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from sidecar.domain.understanding import EntityKind
from sidecar.ranking.understanding.lexicon import load_lexicon
from sidecar.ranking.understanding.pieces import cut
from sidecar.ranking.understanding.vocabulary import Name

LONGEST = 3
SHORTEST_WORD = 3

MOST_PHRASES = 1_000_000
FEWEST_TITLES = 3
PURITY = 0.8
"""So many of the titles with the phrase are of one category …"""
AT_A_BOUNDARY = 0.5
"""… and in so many of its titles it ends the title's head, as the name of a thing does …"""
SHARE_OF_CATEGORY = 0.05
"""… and so many of the category's titles have it: it is no model's name."""
ALWAYS_LONGER = 0.8
CONFIDENCE = 0.7

BEHIND_THE_NAME = re.compile(r"\b(?:for|with|without|in|by|from|to|up to|compatible)\b")
PART_OF_A_TITLE = re.compile(r"[,;:|()\[\]/–—]|\s-\s")


class TypeNames:
    """Counts phrases of titles by category.

    Words only: where signs are not parted by spaces, most runs of them are pieces of words.
    """

    def __init__(self) -> None:
        self._titles: Counter[tuple[str, str]] = Counter()
        self._ends: Counter[str] = Counter()
        self._category: Counter[str] = Counter()

    def read(self, title: str, category: str, brand_words: AbstractSet[str]) -> None:
        """One normalised title, the narrowest category of its product, and words that are only brands."""
        self._category[category] += 1
        for phrase, ends in _phrases(_head_of(title), brand_words).items():
            self._titles[phrase, category] += 1
            self._ends[phrase] += ends
        if len(self._titles) > MOST_PHRASES:
            # What was met once in so many titles will not make a name.
            self._titles = Counter({key: count for key, count in self._titles.items() if count > 1})
            known = {phrase for phrase, _ in self._titles}
            self._ends = Counter({key: count for key, count in self._ends.items() if key in known})

    def names(self, known: Mapping[str, str]) -> Iterator[Name]:
        """The phrases that name a category, each as short as it can be.

        `known` are the categories' own names by phrase. A longer phrase stays where a part of it names
        another category (phone charger), or where the shorter one is hardly ever without it (hair wash).
        """
        totals: Counter[str] = Counter()
        best: dict[str, tuple[int, str]] = {}
        for (phrase, category), count in self._titles.items():
            totals[phrase] += count
            best[phrase] = max(best.get(phrase, (0, "")), (count, category))
        named: dict[str, str] = {}
        for phrase in sorted(best, key=lambda phrase: (len(phrase), phrase)):
            count, category = best[phrase]
            enough = count >= FEWEST_TITLES and count >= PURITY * (totals[phrase] + 0.5)
            if not enough or count < SHARE_OF_CATEGORY * self._category[category]:
                continue
            if self._ends[phrase] < AT_A_BOUNDARY * totals[phrase]:
                continue
            shorter = [part for part in _parts(phrase) if named.get(part) == category]
            for part in shorter:
                if count >= ALWAYS_LONGER * totals[part] and part not in known:
                    del named[part]
            if not any(part in named for part in shorter) or _contested(phrase, category, known, named):
                named[phrase] = category
        for phrase, category in named.items():
            yield Name(EntityKind.CATEGORY, phrase, category, best[phrase][0], CONFIDENCE)


def _head_of(title: str) -> str:
    """The title up to what the product is for, or what it has."""
    first = PART_OF_A_TITLE.split(title, 1)[0]
    return BEHIND_THE_NAME.split(first, 1)[0]


def _phrases(head: str, brand_words: AbstractSet[str]) -> dict[str, bool]:
    """The phrases of a title's head, each with whether it ends the head."""
    lexicon = load_lexicon()
    found: dict[str, bool] = {}
    pieces = cut(head)
    texts = pieces.texts
    for begin, first in enumerate(texts):
        for end in range(begin + 1, min(begin + LONGEST, len(texts)) + 1):
            word = texts[end - 1]
            if pieces.signs[end - 1] or not word.isalpha() or word in brand_words:
                break
            if end - begin == 1 and len(first) < SHORTEST_WORD:
                continue
            phrase = pieces.phrase(begin, end)
            if phrase in lexicon.colors or phrase in lexicon.sizes or word in lexicon.filler:
                continue
            found[phrase] = found.get(phrase, False) or end == len(texts)
    return found


def _contested(phrase: str, category: str, known: Mapping[str, str], named: Mapping[str, str]) -> bool:
    """Whether a word of the phrase names another category, and is no part of one of this one's names."""
    own: set[str] = set()
    others: set[str] = set()
    for part in _parts(phrase):
        value = known.get(part) or named.get(part)
        if value is not None:
            (own if value == category else others).update(part.split(" "))
    return bool(others - own)


def _parts(phrase: str) -> Iterator[str]:
    """Every shorter phrase inside a phrase."""
    words = phrase.split(" ")
    for begin in range(len(words)):
        for end in range(begin + 1, len(words) + 1):
            if end - begin < len(words):
                yield " ".join(words[begin:end])
