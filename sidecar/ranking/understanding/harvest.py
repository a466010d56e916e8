"""Gather what a catalogue's products say into the names of a vocabulary."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sidecar.domain.understanding import EntityKind
from sidecar.ranking.understanding.brand_evidence import BrandEvidence
from sidecar.ranking.understanding.lexicon import load_lexicon
from sidecar.ranking.understanding.pieces import cut, phrase_of
from sidecar.ranking.understanding.type_names import TypeNames
from sidecar.ranking.understanding.vocabulary import LONGEST_NAME, MAX_NAMES, MAX_WORDS, Name
from sidecar.text.tokens import normalised, tokens_of_normalised

NO_BRANDS = frozenset(
    {"", "generic", "unbranded", "unknown", "none", "no brand", "na", "n", "brand", "other"}
)
NO_COLORS = frozenset(
    {"", "none", "na", "other", "assorted", "original", "default", "as shown", "see picture"}
)

ALTERNATIVES = re.compile(r"\s*(?:[&/,;|+]|\band\b|、|与|和|及)\s*")
COLOR_NUMBER = re.compile(r"[-#\s]*\d+$")

MOST_WORDS_OF_A_COLOR = 3
FEWEST_OF_A_COLOR = 3
MOST_TITLES_TO_COLORS = 4
"""A word that is in more titles than so for each product of that colour is something else (chicken, mix)."""

SURE_CATEGORY = 0.9
PART_OF_A_CATEGORY = 0.75
HEAD_OF_A_CATEGORY = 0.55
KNOWN_COLOR = 0.9
OTHER_COLOR = 0.7


class Harvest:
    """Values of fields come first, with their counts; then every product's title is read."""

    def __init__(self, values: Mapping[EntityKind, Mapping[str, int]]) -> None:
        """`values` by kind (brand, color, category): how many products have each value."""
        self._values = values
        self._words: Counter[str] = Counter()
        self._brands = BrandEvidence(
            phrase for value in values.get(EntityKind.BRAND, {}) if (phrase := _phrase(value))
        )
        self._types = TypeNames()
        self.documents = 0

    def read(self, title: str, brands: Sequence[str] = (), categories: Sequence[str] = ()) -> None:
        """One product's title, with its brand and the categories it is in, the narrowest last."""
        self.documents += 1
        text = normalised(title)
        words = tokens_of_normalised(text)
        self._words.update(set(words))
        if len(self._words) > 4 * MAX_WORDS:
            # Rare words go first; they come back if they are met again.
            self._words = Counter(dict(self._words.most_common(2 * MAX_WORDS)))
        own = {phrase for brand in brands if (phrase := _phrase(brand))}
        self._brands.read(title, own)
        if categories:
            brand_words = {word for phrase in own for word in phrase.split(" ")}
            self._types.read(text, categories[-1].strip().lower(), brand_words)

    def words(self) -> dict[str, int]:
        """In how many titles each word is; the commonest `MAX_WORDS`."""
        ordered = sorted(self._words.items(), key=lambda item: (-item[1], item[0]))
        return dict(ordered[:MAX_WORDS])

    def names(self) -> list[Name]:
        """All names, the commonest `MAX_NAMES` of them, in an order of their own."""
        found: dict[tuple[EntityKind, str], Name] = {}
        categories = list(self._category_names())
        everything = [*self._brand_names(), *self._color_names(), *categories]
        taken = {name.phrase for name in everything}
        learnt = self._types.names({name.phrase: name.value for name in categories})
        everything.extend(name for name in learnt if name.phrase not in taken)
        for name in everything:
            known = found.get((name.kind, name.phrase))
            if known is None or (name.confidence, name.count) > (known.confidence, known.count):
                found[name.kind, name.phrase] = name
        ordered = sorted(found.values(), key=lambda name: (-name.count, name.kind, name.phrase))
        return sorted(ordered[:MAX_NAMES], key=lambda name: (name.kind, name.phrase))

    def _brand_names(self) -> Iterator[Name]:
        for value, count in self._values.get(EntityKind.BRAND, {}).items():
            phrase = _phrase(value)
            if phrase in NO_BRANDS:
                continue
            confidence = self._brands.confidence(phrase)
            if not confidence:
                continue
            yield Name(EntityKind.BRAND, phrase, value, count, confidence)
            if "&" in value or "+" in value:
                spoken = _phrase(value.replace("&", " and ").replace("+", " and "))
                yield Name(EntityKind.BRAND, spoken, value, count, confidence)

    def _color_names(self) -> Iterator[Name]:
        lexicon = load_lexicon()
        counts: Counter[str] = Counter()
        for value, count in self._values.get(EntityKind.COLOR, {}).items():
            for part in ALTERNATIVES.split(value):
                counts[_phrase(COLOR_NUMBER.sub("", part))] += count
        for phrase, count in counts.items():
            words = len(phrase.split())
            known = phrase in lexicon.colors
            if phrase in NO_COLORS or words > MOST_WORDS_OF_A_COLOR or not _could_be_said(phrase):
                continue
            ordinary = words == 1 and self._words[phrase] > MOST_TITLES_TO_COLORS * count
            if known or (count >= FEWEST_OF_A_COLOR and not ordinary):
                confidence = KNOWN_COLOR if known else OTHER_COLOR
                yield Name(EntityKind.COLOR, phrase, lexicon.color(phrase), count, confidence)

    def _category_names(self) -> Iterator[Name]:
        heads: dict[str, dict[str, int]] = {}
        for value, count in self._values.get(EntityKind.CATEGORY, {}).items():
            whole = _phrase(value)
            if not _could_be_said(whole):
                continue
            parts = [part for part in map(_phrase, ALTERNATIVES.split(value)) if _could_be_said(part)]
            yield Name(EntityKind.CATEGORY, whole, value, count, SURE_CATEGORY)
            if len(parts) > 1:
                for part in parts:
                    yield Name(EntityKind.CATEGORY, part, value, count, PART_OF_A_CATEGORY)
            for part in parts:
                if head := _head(part):
                    heads.setdefault(head, {})[value] = count
        for head, values in heads.items():
            # `lamp` of table lamps and floor lamps means neither of them more than the other.
            value = next(iter(values)) if len(values) == 1 else head
            yield Name(EntityKind.CATEGORY, head, value, sum(values.values()), HEAD_OF_A_CATEGORY)


def _phrase(value: str) -> str:
    return phrase_of(normalised(value))


def _could_be_said(phrase: str) -> bool:
    """Whether somebody might type it: some letters, not too long."""
    return bool(phrase) and any(sign.isalpha() for sign in phrase) and len(cut(phrase).texts) <= LONGEST_NAME


def _head(phrase: str) -> str:
    """What a compound is a kind of: lamp of table lamp, 耳机 of 头戴式耳机; "" for a simple word."""
    pieces = cut(phrase)
    if all(pieces.signs):
        return phrase[-2:] if len(phrase) >= 4 else ""
    if any(pieces.signs) or len(pieces.texts) < 2 or len(pieces.texts[-1]) < 3:
        return ""
    return pieces.texts[-1]


def count_values(values: Iterable[str]) -> dict[str, int]:
    """Values in lower case with their counts, as an aggregation over a keyword field gives them."""
    return dict(Counter(value.strip().lower() for value in values if value and value.strip()))
