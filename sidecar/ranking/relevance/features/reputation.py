"""What other shoppers left behind, from the hit's own numbers."""

from collections.abc import Mapping, Sequence

import numpy as np

from sidecar.config.profile import FeatureFields
from sidecar.domain.candidate import FieldValues
from sidecar.ranking.standing import FloatArray

PRIOR_RATINGS = 50
"""As many ratings at the list's mean are added to each hit's own: few ratings say little."""


def rating(hits: Sequence[Mapping[str, FieldValues]], names: FeatureFields) -> FloatArray:
    """The rating, shrunk to the list's mean by its count; [n]."""
    ratings = _numbers(hits, names.rating)
    counts = np.nan_to_num(_numbers(hits, names.rating_count))
    known = ~np.isnan(ratings)
    if not known.any():
        return np.zeros(len(hits))
    mean = float(ratings[known].mean())
    counts = np.where(known, np.maximum(counts, 0), 0)
    return np.asarray(
        (np.where(known, ratings, mean) * counts + mean * PRIOR_RATINGS) / (counts + PRIOR_RATINGS)
    )


def popularity(hits: Sequence[Mapping[str, FieldValues]], names: FeatureFields) -> FloatArray:
    """The logarithm of the number of ratings; [n]."""
    return np.asarray(np.log1p(np.maximum(np.nan_to_num(_numbers(hits, names.rating_count)), 0)))


def _numbers(hits: Sequence[Mapping[str, FieldValues]], name: str) -> FloatArray:
    """The field's first number of each hit, NaN where there is none; [n]."""
    values = [fields.get(name) for fields in hits] if name else [None] * len(hits)
    return np.array([float(one[0]) if one and isinstance(one[0], int | float) else np.nan for one in values])
