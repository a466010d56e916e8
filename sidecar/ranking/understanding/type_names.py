"""Learn from titles what shoppers call the products of a category: settee for Sofas & Couches."""

import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from sidecar.domain.understanding import EntityKind
from sidecar.ranking.understanding.lexicon import load_lexicon
from sidecar.ranking.understanding.pieces import cut
from sidecar.ranking.understanding.vocabulary import Name

LONGEST_WORDS = 3
SHORTEST_WORD = 3
SIGNS = (2, 5)
"""The fewest and the most signs of a name in Chinese, Japanese or Korean."""

MOST_PHRASES = 1_000_000
FEWEST_TITLES = 3
PURITY = 0.8
"""So many of the titles with the phrase are of one category …"""
AT_A_BOUNDARY = 0.5
"""… and in so many of its titles it ends the title's head, as the name of a thing does …"""
SHARE_OF_CATEGORY = 0.05
"""… and so many of the category's titles have it: it is no model's name."""
CONFIDENCE = 0.7

BEHIND_THE_NAME = re.compile(r"\b(?:for|with|without|in|by|from|to|up to|compatible)\b|专用|适用|适合")
PART_OF_A_TITLE = re.compile(r"[,;:|()\[\]/–—]|\s-\s")


class TypeNames:
    """Counts phrases of titles by category."""

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

    def names(self) -> Iterator[Name]:
        """The phrases that name a category, without the longer ones that only add words to a shorter."""
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
            if not phrase.isascii() and phrase[-1] != category[-1]:
                continue  # 卧室 is in the titles of many 台灯; what it is stands last
            if any(named.get(part) == category for part in _parts(phrase)):
                continue
            named[phrase] = category
            yield Name(EntityKind.CATEGORY, phrase, category.lower(), count, CONFIDENCE)


def _head_of(title: str) -> str:
    """The title up to what the product is for, or what it has."""
    first = PART_OF_A_TITLE.split(title, 1)[0]
    return BEHIND_THE_NAME.split(first, 1)[0]


def _phrases(head: str, brand_words: AbstractSet[str]) -> dict[str, bool]:
    """The phrases of a title's head, each with whether it ends the head, or one of its runs of signs."""
    lexicon = load_lexicon()
    found: dict[str, bool] = {}
    pieces = cut(head)
    texts = pieces.texts
    for begin, first in enumerate(texts):
        is_sign = pieces.signs[begin]
        for end in range(begin + 1, min(begin + (SIGNS[1] if is_sign else LONGEST_WORDS), len(texts)) + 1):
            word = texts[end - 1]
            if pieces.signs[end - 1] != is_sign or not word.isalpha() or word in brand_words:
                break
            if end - begin < SIGNS[0] and (is_sign or len(first) < SHORTEST_WORD):
                continue
            phrase = pieces.phrase(begin, end)
            if phrase in lexicon.colors or phrase in lexicon.sizes or word in lexicon.filler:
                continue
            ends = end == len(texts) or (is_sign and not pieces.goes_on(end - 1))
            found[phrase] = found.get(phrase, False) or ends
    return found


def _parts(phrase: str) -> Iterator[str]:
    """Every shorter phrase inside a phrase."""
    if " " not in phrase and not phrase.isascii():
        for begin in range(len(phrase)):
            for end in range(begin + SIGNS[0], len(phrase) + 1):
                if end - begin < len(phrase):
                    yield phrase[begin:end]
        return
    words = phrase.split(" ")
    for begin in range(len(words)):
        for end in range(begin + 1, len(words) + 1):
            if end - begin < len(words):
                yield " ".join(words[begin:end])
