"""A served list as its click model sees it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.config.personalization import Personalization
from sidecar.taste.click_model import sigmoid
from sidecar.taste.design import Design, design_of, name_of
from sidecar.taste.examination import examined
from sidecar.taste.interest import LIKENESS_KIND, SeenVectors, likeness
from sidecar.taste.keys import NONE
from sidecar.taste.kinship import KINSHIP
from sidecar.taste.preferences import preferences
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import Numbers, OpenPage, Taste

LEAST_CHANCE = 1e-9
"""Of a click; scores far below all that was calibrated for must not divide by 0."""


@dataclass(frozen=True, slots=True)
class SeenList:
    """The m hits of a list that may have been seen, and the u preferences that tell them apart.

    `keys` uint32 [u] rising; `features` float64 [m, u]; `relevance` and `taste` float64 [m] are logits of a
    click, by relevance and by the profile as it is now (`parts` [m, p] add up to the latter: one for each
    preference, and one for `vectors` where there are any; `kinds` uint32 [p] whose each is); `chances` [m]
    that each was seen; `precision` [u] the long-term prior's.
    """

    keys: NDArray[np.uint32]
    features: Numbers
    relevance: Numbers
    taste: Numbers
    chances: Numbers
    precision: Numbers
    kinds: NDArray[np.uint32]
    parts: Numbers
    vectors: SeenVectors | None


def seen_list(taste: Taste, served: ServedList, page: OpenPage | None, settings: Personalization) -> SeenList:
    """The list in the light of what the profile holds at its own time."""
    chances = examined(served, page, settings.examination)
    traits = served.traits.first(len(chances))
    design = design_of(traits, settings.kinship)
    relevance = (
        settings.calibration.slope * served.scores[: len(chances)].astype(np.float64)
        + settings.calibration.intercept
    )
    keys, features, precision, kinds = _distinct(design, settings)
    # What all hits share says nothing of the shopper: the query was about it. The mean is over what the
    # shopper was offered: likely to be seen, and to be clicked if seen.
    offered = chances * np.maximum(sigmoid(relevance), LEAST_CHANCE) if settings.centre else None
    features = _centred(features, offered)
    parts = features * preferences(taste, keys, taste.updated, settings)
    vectors = None
    if traits.vectors is not None and settings.item_vector is not None:
        values = _centred(traits.vectors.astype(np.float64), offered)
        vectors = SeenVectors(values, likeness(taste, values), settings.item_vector.precision)
        parts = np.column_stack([parts, vectors.likeness])
        kinds = np.append(kinds, np.uint32(LIKENESS_KIND))
    return SeenList(keys, features, relevance, parts.sum(axis=1), chances, precision, kinds, parts, vectors)


def _centred(features: Numbers, offered: Numbers | None) -> Numbers:
    # Of a page of fetched documents alone nothing is offered that anybody knows.
    if offered is None or not offered.any():
        return features
    return np.asarray(features - (offered / offered.sum()) @ features)


def _distinct(
    design: Design, settings: Personalization
) -> tuple[NDArray[np.uint32], Numbers, Numbers, NDArray[np.uint32]]:
    """Each preference once: key, the hits' values [m, u] of it, prior precision, and kind."""
    flat = design.keys.ravel().tolist()
    names = sorted(set(flat))  # of so few numbers faster than numpy's own way
    number = {key: place for place, key in enumerate(names)}
    keys = np.array(names, np.uint32)
    columns = np.array([number[key] for key in flat], np.intp).reshape(design.keys.shape)
    features = np.zeros((len(design.keys), len(keys)))
    features[np.arange(len(features))[:, None], columns] = design.values
    precision, kinds = np.empty(len(keys)), np.empty(len(keys), np.uint32)
    precision[columns] = [_precision(name, settings) for name in design.names]
    kinds[columns] = design.kinds
    first = 1 if names and names[0] == NONE else 0
    return keys[first:], features[:, first:], precision[first:], kinds[first:]


def _precision(column: str, settings: Personalization) -> float:
    """The prior's, of a column of the design."""
    name = name_of(column)
    if name == KINSHIP and settings.kinship:
        return settings.kinship.precision
    part = settings.attributes.get(name) or settings.slopes.get(name)
    return (part.precision if part else None) or settings.long_term.precision
