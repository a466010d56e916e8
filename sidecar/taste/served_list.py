"""One reranked search as it was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.taste.traits import Traits

BROWSED = "browsed"
"""Under this name `versions` tell that no words were searched."""


@dataclass(frozen=True, slots=True)
class ServedList:
    """n hits in the order of the answer, place 0 is the first.

    A list without hits tells what rules did to a search that showed nothing.

    `query` is the key of the query id, `shopper` of who searched (b"" where nobody may be remembered).
    `page_start` and `page_size` are the page that was asked for (0 and 0: not known). `ids` are document ids,
    `ranks` [n] those of the first stage, 0 for documents that a layout rule had fetched. `scores` float32 [n]
    are those before personalization, in the relevance stage's unit; `residuals` float32 [n] what
    personalization added. `propensities` float32 [n] are the chances of each hit to stand where it stands (1
    without exploration). `features` float32 [n, g] are the global blend's, by the names in `feature_names`.
    `versions` and `arms` as the answer told them.

    Of a fetched document nobody knows a score, a trait or a feature: there is 0. Nor is it known that it was
    shown, unless an event says so: the plugin leaves out what it does not find under the search's filters.
    """

    query: bytes
    shopper: bytes
    time: float
    ids: Sequence[str]
    ranks: NDArray[np.uint16]
    scores: NDArray[np.float32]
    residuals: NDArray[np.float32]
    propensities: NDArray[np.float32]
    traits: Traits
    features: NDArray[np.float32]
    feature_names: Sequence[str]
    page_start: int = 0
    page_size: int = 0
    device: str = ""
    locale: str = ""
    channel: str = ""
    intent_specificity: float = 0.0
    versions: Mapping[str, str] | None = None
    arms: Mapping[str, str] | None = None

    @property
    def fetched(self) -> NDArray[np.bool_]:
        """bool [n]: documents that are no hits of the first stage."""
        return np.asarray(self.ranks == 0)

    @property
    def browsed(self) -> bool:
        """Whether no words were searched: then relevance had nothing to say, and all `scores` are equal."""
        return BROWSED in (self.versions or ())
