"""The words of English and Chinese that need no catalogue, from lexicon.yml beside this file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict

from sidecar.ranking.understanding.pieces import cut, phrase_of
from sidecar.text.tokens import normalised


class _Negation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    before: list[str]
    behind: list[str]
    never: list[str]
    until: list[str]


class _Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    openings: list[str]
    signs: list[str]
    weak: list[str]


class _File(BaseModel):
    """lexicon.yml as it is written: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")

    colors: dict[str, list[str]]
    sizes: dict[str, list[str]]
    size_letters: list[str]
    size_words_before: list[str]
    size_signs_behind: list[str]
    units: dict[str, tuple[str, float, list[str]]]
    number_words: dict[str, float]
    negation: _Negation
    filler: list[str]
    question: _Question
    compare: list[str]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure; `factor` times a number of it is in the dimension's base unit."""

    name: str
    dimension: str
    factor: float


@dataclass(frozen=True, slots=True)
class Phrases:
    """A set of phrases as queries spell them; `longest` is the length of the longest one in pieces."""

    phrases: frozenset[str]
    longest: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything of lexicon.yml, folded. Keys are phrases as `pieces.phrase_of` spells them."""

    colors: Mapping[str, str]
    sizes: Mapping[str, str]
    size_letters: frozenset[str]
    size_words_before: frozenset[str]
    size_signs_behind: frozenset[str]
    units: Mapping[str, Unit]
    longest_unit: int
    number_words: Mapping[str, float]
    negation_before: Phrases
    negation_behind: frozenset[str]
    negation_never: Phrases
    negation_until: frozenset[str]
    filler: frozenset[str]
    question_openings: Phrases
    question_signs: Phrases
    question_weak: Phrases
    compare: Phrases
    words: frozenset[str]

    def color(self, phrase: str) -> str:
        """The one name of a colour that has several; the phrase itself where it is not known."""
        return self.colors.get(phrase, phrase)


@cache
def load_lexicon() -> Lexicon:
    """The lexicon that comes with the package."""
    text = resources.files("sidecar.ranking.understanding").joinpath("lexicon.yml").read_text("utf-8")
    file = _File.model_validate(yaml.safe_load(text))
    units = {
        _folded(spelling): Unit(name, dimension, factor)
        for name, (dimension, factor, spellings) in file.units.items()
        for spelling in spellings
    }
    lists = [
        *file.colors.values(),
        *file.sizes.values(),
        *(spellings for _, _, spellings in file.units.values()),
        *(file.negation.before, file.negation.behind, file.negation.never, file.negation.until),
        *(file.question.openings, file.question.signs, file.question.weak),
        *(file.compare, file.filler, file.size_words_before, list(file.number_words)),
    ]
    return Lexicon(
        colors=_values(file.colors),
        sizes=_values(file.sizes),
        size_letters=frozenset(file.size_letters),
        size_words_before=_set(file.size_words_before),
        size_signs_behind=frozenset(file.size_signs_behind),
        units=units,
        longest_unit=_phrases(units).longest,
        number_words=file.number_words,
        negation_before=_phrases(file.negation.before),
        negation_behind=_set(file.negation.behind),
        negation_never=_phrases(file.negation.never),
        negation_until=_set(file.negation.until),
        filler=_set(file.filler),
        question_openings=_phrases(file.question.openings),
        question_signs=_phrases(file.question.signs),
        question_weak=_phrases(file.question.weak),
        compare=_phrases(file.compare),
        words=frozenset(
            word for words in lists for spelling in words for word in cut(normalised(spelling)).texts
        ),
    )


def _folded(text: str) -> str:
    return phrase_of(normalised(text))


def _set(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_folded(word) for word in words)


def _values(spellings: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {_folded(word): value for value, words in spellings.items() for word in words}


def _phrases(words: Iterable[str]) -> Phrases:
    folded = _set(words)
    return Phrases(folded, max(len(cut(phrase).texts) for phrase in folded))
