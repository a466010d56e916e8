"""Traits as the rows of a linear model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.taste.keys import kind_key, slope_key
from sidecar.taste.state import Numbers
from sidecar.taste.traits import Traits


@dataclass(frozen=True, slots=True)
class Design:
    """n hits: `keys` uint32 [n, c] name preferences, `values` float64 [n, c] say how much of each a hit has.

    The attributes' columns come first (1, or 0 where a hit has none), then the slopes'. `names` [c]; `kinds`
    [c] are the keys of the attributes and slopes as a whole.
    """

    keys: NDArray[np.uint32]
    values: Numbers
    names: Sequence[str]
    kinds: Sequence[int]


def design_of(traits: Traits) -> Design:
    """Attributes and slopes side by side."""
    count, attributes = traits.keys.shape
    keys = np.empty((count, attributes + len(traits.slopes)), np.uint32)
    keys[:, :attributes] = traits.keys
    keys[:, attributes:] = [slope_key(name) for name in traits.slopes]
    values = np.empty(keys.shape)
    values[:, :attributes] = traits.keys != 0
    values[:, attributes:] = traits.numbers
    names = [*traits.attributes, *traits.slopes]
    return Design(keys, values, names, [kind_key(name_of(name)) for name in names])


def name_of(column: str) -> str:
    """The attribute's or slope's name of a column: `category` of `category.2`."""
    return column.partition(".")[0]
