"""Traits as the rows of a linear model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.taste.keys import slope_key
from sidecar.taste.state import Numbers
from sidecar.taste.traits import Traits


@dataclass(frozen=True, slots=True)
class Design:
    """n hits: `keys` uint32 [n, c] name preferences, `values` float64 [n, c] say how much of each a hit has.

    The attributes' columns come first (1, or 0 where a hit has none), then the slopes'. `names` [c].
    """

    keys: NDArray[np.uint32]
    values: Numbers
    names: Sequence[str]


def design_of(traits: Traits) -> Design:
    """Attributes and slopes side by side."""
    count, attributes = traits.keys.shape
    keys = np.empty((count, attributes + len(traits.slopes)), np.uint32)
    keys[:, :attributes] = traits.keys
    keys[:, attributes:] = [slope_key(name) for name in traits.slopes]
    values = np.empty(keys.shape)
    values[:, :attributes] = traits.keys != 0
    values[:, attributes:] = traits.numbers
    return Design(keys, values, [*traits.attributes, *traits.slopes])
