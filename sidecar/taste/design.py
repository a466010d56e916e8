"""Traits as the rows of a linear model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.config.kinship import Kinship
from sidecar.taste.keys import kind_key, slope_key
from sidecar.taste.kinship import kinship_keys, kinship_names, kinship_of
from sidecar.taste.state import Numbers
from sidecar.taste.traits import Traits


@dataclass(frozen=True, slots=True)
class Design:
    """n hits: `keys` uint32 [n, c] name preferences, `values` float64 [n, c] say how much of each a hit has.

    The attributes' columns come first (1, or 0 where a hit has none), then the slopes', then the dimensions
    of the kinship. `names` [c]; `kinds` [c] are the keys of the attributes, slopes and kinship as a whole.
    """

    keys: NDArray[np.uint32]
    values: Numbers
    names: Sequence[str]
    kinds: Sequence[int]


def design_of(traits: Traits, kinship: Kinship | None) -> Design:
    """Attributes, slopes and kinship side by side."""
    count, attributes = traits.keys.shape
    slopes = attributes + len(traits.slopes)
    names = [*traits.attributes, *traits.slopes, *(kinship_names(kinship) if kinship else ())]
    keys = np.empty((count, len(names)), np.uint32)
    keys[:, :attributes] = traits.keys
    keys[:, attributes:slopes] = [slope_key(name) for name in traits.slopes]
    values = np.empty(keys.shape)
    values[:, :attributes] = traits.keys != 0
    values[:, attributes:slopes] = traits.numbers
    if kinship:
        keys[:, slopes:] = kinship_keys(kinship)
        values[:, slopes:] = kinship_of(traits.keys, kinship)
    return Design(keys, values, names, [kind_key(name_of(name)) for name in names])


def name_of(column: str) -> str:
    """The attribute's or slope's name of a column: `category` of `category.2`."""
    return column.partition(".")[0]
