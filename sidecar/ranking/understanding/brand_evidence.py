"""Tell brands from ordinary words that somebody also uses as a brand (basketball, premium, blue)."""

from collections import Counter
from collections.abc import Iterable

from sidecar.ranking.understanding.lexicon import load_lexicon
from sidecar.ranking.understanding.pieces import cut, spelt
from sidecar.text.tokens import normalised

FEWEST_CAPITALS_SEEN = 4
LEAST_CONFIDENCE = 0.25
UNTITLED = 0.6
"""A brand that no title names: nothing speaks against it, and little for it."""

HEAD_OF_TITLE = 2


class BrandEvidence:
    """For every brand's phrase, how titles use it.

    Three things speak for a brand: the products whose titles name it are its own; titles begin with it;
    where a title is not all in capitals, it still has a capital letter. An ordinary word is in the titles
    of everybody.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._longest: dict[str, int] = {}
        self._phrases = set(phrases)
        for phrase in self._phrases:
            texts = cut(phrase).texts
            if texts:
                self._longest[texts[0]] = max(self._longest.get(texts[0], 0), len(texts))
        self._titles: Counter[str] = Counter()
        self._own: Counter[str] = Counter()
        self._first: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._capital: Counter[str] = Counter()

    def read(self, title: str, own: set[str]) -> None:
        """One title, and the phrases of its product's brands."""
        pieces = cut(normalised(title))
        found: dict[str, int] = {}
        for begin, text in enumerate(pieces.texts):
            longest = self._longest.get(text, 0)
            for end in range(begin + 1, min(begin + longest, len(pieces.texts)) + 1):
                signs = pieces.signs[begin:end] if pieces.any_signs else None
                phrase = spelt(pieces.texts[begin:end], signs)
                if phrase in self._phrases:
                    found.setdefault(phrase, begin)
        if not found:
            return
        capitals = _capitals(title)
        for phrase, begin in found.items():
            self._titles[phrase] += 1
            self._own[phrase] += phrase in own
            self._first[phrase] += begin < HEAD_OF_TITLE
            word = phrase.split(" ")[0]
            if begin and word in capitals:
                self._seen[phrase] += 1
                self._capital[phrase] += capitals[word]

    def confidence(self, phrase: str) -> float:
        """0.25–1 that the phrase in a query means the brand; 0: it should not fire."""
        lexicon = load_lexicon()
        if len(phrase) < 2 or phrase in lexicon.colors or phrase in lexicon.sizes or phrase in lexicon.filler:
            return 0.0
        if phrase.isdigit() or (phrase in lexicon.words and " " not in phrase):
            return 0.0
        titles = self._titles[phrase]
        if not titles:
            return UNTITLED
        words = phrase.count(" ") + 1
        # One title in favour of phrases of several words, which rarely are something else by chance.
        own = (self._own[phrase] + words - 1) / (titles + words - 1)
        first = self._first[phrase] / titles
        capital = 0.0
        if self._seen[phrase] >= FEWEST_CAPITALS_SEEN:
            capital = max(0.0, self._capital[phrase] / self._seen[phrase] - 0.85) / 0.15
        confidence = max(own, 0.7 * own + 0.3 * first, 0.5 * capital)
        return round(confidence, 4) if confidence >= LEAST_CONFIDENCE else 0.0


def _capitals(title: str) -> dict[str, bool]:
    """For each plain word behind the title's beginning, whether it has a capital letter.

    Empty for titles that write every word so: there a capital says nothing.
    """
    words = [word.strip("(),.:;!'\"-") for word in title.split()]
    told = [word for word in words if len(word) > 3 and word.isascii() and word.isalpha()]
    small = sum(1 for word in told if word.islower())
    if not told or small / len(told) < 0.3:
        return {}
    return {normalised(word): word[0].isupper() for word in words if word.isascii() and word.isalpha()}
