"""From documents to traits."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sidecar.config.personalization import Attribute, Personalization, Slope
from sidecar.domain.candidate import FieldValues
from sidecar.taste.keys import NONE, attribute_key
from sidecar.taste.traits import Traits
from sidecar.taste.vectors import read_vectors

MOST_CACHED = 200_000
"""Values whose keys are remembered; shops have fewer brands, colours and categories."""


class TraitReader:
    """Reads the traits that a profile's section names. Keeps the keys of values that it has met."""

    def __init__(self, settings: Personalization) -> None:
        self._attributes = [
            _AttributeColumn(name, attribute, number)
            for name, attribute in settings.attributes.items()
            for number in range(1, attribute.values + 1)
        ]
        self._names = [column.name for column in self._attributes]
        self._slopes = dict(settings.slopes)
        self._slope_names = list(self._slopes)
        self._vector = settings.item_vector

    def read(self, fields: Sequence[Mapping[str, FieldValues]], now: float) -> Traits:
        """The traits of n hits' documents; what a hit lacks, or what is of another type, says nothing.

        `now`: seconds since 1970; dates that lie in the future say nothing.
        """
        count = len(fields)
        keys = np.zeros((count, len(self._attributes)), np.uint32)
        for place, column in enumerate(self._attributes):
            keys[:, place] = column.keys(fields)
        numbers = np.zeros((count, len(self._slopes)), np.float32)
        for place, slope in enumerate(self._slopes.values()):
            values = _slope_values(slope, fields, now)
            if slope.within:
                values = _against_peers(values, [_last(document.get(slope.within)) for document in fields])
            numbers[:, place] = _standardised(values)
        vector = self._vector
        vectors = read_vectors(vector.field, vector.dimensions, fields) if vector else None
        return Traits(keys, numbers, self._names, self._slope_names, vectors)


class _AttributeColumn:
    """One attribute's value of a hit: the last, the last but one, …"""

    def __init__(self, name: str, attribute: Attribute, number: int) -> None:
        self.name = name if number == 1 else f"{name}.{number}"
        self._attribute = name
        self._field = attribute.field
        self._number = number
        self._bands = attribute.bands
        self._known: dict[object, int] = {}

    def keys(self, fields: Sequence[Mapping[str, FieldValues]]) -> list[int]:
        field, number, known = self._field, self._number, self._known
        keys = []
        for document in fields:
            values = document.get(field)
            if not values or len(values) < number:
                keys.append(NONE)
                continue
            value = values[-number]
            key = known.get(value)
            keys.append(self._learn(value) if key is None else key)
        return keys

    def _learn(self, value: object) -> int:
        key = self._key(value)
        if len(self._known) < MOST_CACHED:
            self._known[value] = key
        return key

    def _key(self, value: object) -> int:
        if self._bands is None:
            text = str(value)
            return attribute_key(self._attribute, text) if text.strip() else NONE
        band = price_band(value, self._bands)
        # By way of the band, whose key is remembered: hardly two prices are the same.
        return NONE if band is None else attribute_key(self._attribute, f"band {band}")


def price_band(value: object, bands: float) -> int | None:
    """The band of an amount, `bands` of them a doubling: with 1, 16 up to 32 is band 4. None: no amount."""
    amount = _number(value)
    return math.floor(math.log2(amount) * bands) if amount > 0 else None


def _slope_values(
    slope: Slope, fields: Sequence[Mapping[str, FieldValues]], now: float
) -> NDArray[np.float64]:
    """Each document's number, NaN where there is none."""
    columns = [document.get(slope.field) for document in fields]
    if slope.form == "date":
        found = np.array([_date(values[-1], now) if values else math.nan for values in columns])
    else:
        found = np.array([_number(values[-1]) if values else math.nan for values in columns])
    if slope.form == "log":
        found[~(found > 0)] = np.nan
        return np.asarray(np.log(found))
    return found


def _last(values: FieldValues | None) -> object:
    return values[-1] if values else None


def _against_peers(values: NDArray[np.float64], groups: Sequence[object]) -> NDArray[np.float64]:
    """Less the mean of the hits in the same group; NaN for a hit without peers."""
    numbers: dict[object, int] = {}
    group = np.array([numbers.setdefault(name, len(numbers)) for name in groups], np.intp)
    there = np.isfinite(values)
    counts = np.bincount(group[there], minlength=len(numbers))
    sums = np.bincount(group[there], values[there], minlength=len(numbers))
    means = np.where(counts > 1, sums / np.maximum(counts, 1), np.nan)
    return np.asarray(values - means[group])


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """With mean 0 and deviation 1 over those that are there, within ±3; 0 for others, or if all are equal."""
    there = np.isfinite(values)
    if there.sum() < 2:
        return np.zeros(len(values))
    known = values[there]
    deviation = known.std()
    if not deviation > 1e-9 * max(1.0, float(np.abs(known).max())):
        return np.zeros(len(values))
    result = np.zeros(len(values))
    result[there] = np.clip((known - known.mean()) / deviation, -3.0, 3.0)
    return result


def _number(value: object) -> float:
    if type(value) is float:
        return value
    if isinstance(value, bool):
        return math.nan
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return math.nan


def _date(value: object, now: float) -> float:
    """Seconds since 1970 of an ISO date or of a number (milliseconds, as OpenSearch has them)."""
    is_text = isinstance(value, str) and not value.isdigit()
    seconds = _iso_date(str(value)) if is_text else _number(value) / 1000
    return seconds if seconds <= now else math.nan


@lru_cache(maxsize=16_384)
def _iso_date(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
