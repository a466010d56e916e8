"""Words for the hashed preferences of profiles: all values that could be meant are hashed and looked up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sidecar.config.personalization import Attribute, Personalization
from sidecar.ranking.understanding.vocabulary_folder import (
    VocabularyError,
    current_version,
    indices,
    read_names,
)
from sidecar.taste.keys import attribute_key, slope_key
from sidecar.taste.kinship import KINSHIP, kinship_keys

BANDS = range(-40, 121)


@dataclass(frozen=True, slots=True)
class TraitWord:
    """An attribute or slope, and its value as people know it; for a slope `more`."""

    attribute: str
    value: str


def trait_words(
    settings: Personalization, vocabularies: Path, values: Mapping[str, Sequence[str]] | None = None
) -> dict[int, TraitWord]:
    """By key: slopes, kinship, bands of numbers, `values` of document fields, all names in vocabularies."""
    words = {slope_key(name): TraitWord(name, "more") for name in settings.slopes}
    if settings.kinship:
        for number, key in enumerate(kinship_keys(settings.kinship), 1):
            words[key] = TraitWord(KINSHIP, f"dimension {number}")
    banded = {name: attribute for name, attribute in settings.attributes.items() if attribute.bands}
    for name, attribute in banded.items():
        for band in BANDS:
            word = TraitWord(name, _band_told(band, attribute))
            words[attribute_key(name, f"band {band}")] = word
    for name, attribute in settings.attributes.items():
        for value in (values or {}).get(attribute.field, ()):
            words[attribute_key(name, value)] = TraitWord(name, value)
    worded = [name for name in settings.attributes if name not in banded]
    for value in _values(vocabularies):
        for name in worded:
            words.setdefault(attribute_key(name, value), TraitWord(name, value))
    return words


def _band_told(band: int, attribute: Attribute) -> str:
    bands = attribute.bands or 1.0
    return f"{2 ** (band / bands):.4g} to {2 ** ((band + 1) / bands):.4g}"


def _values(vocabularies: Path) -> Iterator[str]:
    """Every value and phrase of every index's current vocabulary; a damaged one has none."""
    for index in indices(vocabularies):
        place = vocabularies / index
        try:
            names = read_names(place / current_version(place))
        except VocabularyError:
            continue
        for name in names:
            yield name.value
            yield name.phrase
