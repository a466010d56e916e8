"""What personalization saw of the candidates, for what is remembered of a search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sidecar.taste.traits import Traits


@dataclass(frozen=True, slots=True)
class Signals:
    """n candidates. `rows` gives a candidate's row by its first-stage rank: later stages may move them.

    `scores` float64 [n] are those before personalization, in the relevance stage's unit; `residuals`
    float64 [n] what the shopper's taste added. `features` float32 [n, g] are the online blend's, by name.
    """

    rows: Mapping[int, int]
    scores: npt.NDArray[np.float64]
    residuals: npt.NDArray[np.float64]
    traits: Traits
    features: npt.NDArray[np.float32]
    feature_names: Sequence[str]
