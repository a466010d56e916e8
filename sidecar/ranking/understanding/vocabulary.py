"""What a shop's catalogue calls things, ready to be looked up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sidecar.domain.understanding import EntityKind
from sidecar.ranking.understanding.lexicon import load_lexicon
from sidecar.ranking.understanding.pieces import cut
from sidecar.ranking.understanding.spelling import Spelling

MAX_NAMES = 100_000
MAX_WORDS = 200_000
LONGEST_NAME = 10
"""Pieces; longer names are not looked for."""

FEWEST_JOINED_LETTERS = 6
COMMON_WORD = 3
"""In so many titles, a word is no misspelling."""

SHORT_WORD = 5
"""Letters; so short a word has neighbours by chance, and one title with it is enough."""


@dataclass(frozen=True, slots=True)
class Name:
    """One thing that a phrase can name.

    `phrase` as `pieces.phrase_of` spells it, `count` the products that have it (0: from the lexicon),
    `confidence` 0–1: how likely the phrase means this where it stands in a query.
    """

    kind: EntityKind
    phrase: str
    value: str
    count: int
    confidence: float


class Vocabulary:
    """Names by phrase, and in how many titles each word is. Nothing is changed once it is made.

    `version` is "" for the lexicon alone; `documents` is the number of products behind it.
    """

    def __init__(self, version: str, documents: int, names: Iterable[Name], words: Mapping[str, int]) -> None:
        self.version = version
        self.documents = documents
        self.words = words
        self._names: dict[str, Name] = {}
        self._longest: dict[str, int] = {}
        entity_words: dict[str, int] = {}
        catalogue = 0
        for name in names:
            catalogue += 1
            for word in self._add(name):
                entity_words[word] = entity_words.get(word, 0) + name.count
        self.size = catalogue
        for name in _from_lexicon():
            self._add(name)
        # Without a catalogue nobody could tell a misspelt colour from a word that is just not known.
        self.spelling = (
            Spelling(_candidates(entity_words, words), frozenset(entity_words)) if catalogue else None
        )

    @classmethod
    def without_catalogue(cls) -> "Vocabulary":
        """The lexicon alone: its colours and sizes."""
        return cls("", 0, (), {})

    def name(self, phrase: str) -> Name | None:
        """The likeliest thing that the phrase names."""
        return self._names.get(phrase)

    def longest_from(self, piece: str) -> int:
        """How many pieces the longest name that begins with this one has; 0 where none does."""
        return self._longest.get(piece, 0)

    def knows(self, word: str) -> bool:
        """Whether a word is no misspelling."""
        return (
            self.words.get(word, 0) >= (COMMON_WORD if len(word) > SHORT_WORD else 1)
            or word in self._longest
            or word in load_lexicon().words
            or (self.spelling is not None and word in self.spelling)
        )

    def _add(self, name: Name) -> list[str]:
        """Takes the name in; its words that can be misspelt."""
        cut_up = cut(name.phrase)
        texts = cut_up.texts
        if not 0 < len(texts) <= LONGEST_NAME:
            return []
        self._enter(name.phrase, name, texts[0], len(texts))
        words = [text for text, sign in zip(texts, cut_up.signs, strict=True) if not sign]
        joined = "".join(words)
        if 1 < len(words) == len(texts) and len(joined) >= FEWEST_JOINED_LETTERS and joined.isalpha():
            # pealaudio for peal audio
            self._enter(joined, name, joined, 1)
            return [*words, joined]
        return words

    def _enter(self, phrase: str, name: Name, first: str, length: int) -> None:
        known = self._names.get(phrase)
        if known is None or _preference(name) > _preference(known):
            self._names[phrase] = name
        if length > self._longest.get(first, 0):
            self._longest[first] = length


KIND_ORDER = (EntityKind.CATEGORY, EntityKind.COLOR, EntityKind.SIZE, EntityKind.BRAND)


def _preference(name: Name) -> tuple[float, int, int, str]:
    """The surer one, the commoner one, and in the end any, but always the same."""
    return name.confidence, name.count, -KIND_ORDER.index(name.kind), name.value


def _from_lexicon() -> Iterable[Name]:
    lexicon = load_lexicon()
    for phrase, value in lexicon.colors.items():
        yield Name(EntityKind.COLOR, phrase, value, 0, 0.9)
    for phrase, value in lexicon.sizes.items():
        yield Name(EntityKind.SIZE, phrase, value, 0, 0.9)


def _candidates(entity_words: Mapping[str, int], words: Mapping[str, int]) -> dict[str, int]:
    """The words that a misspelling can stand for, with their frequency.

    Common words of titles are among them, so that a word near to one of those is not taken for a brand.
    """
    lexicon = load_lexicon()
    colors = {word for phrase in lexicon.colors for word in phrase.split()}
    found = {word: count for word, count in words.items() if count >= COMMON_WORD}
    for word, count in entity_words.items():
        found[word] = max(count, found.get(word, 0))
    for word in colors:
        found.setdefault(word, 1)
    return found
