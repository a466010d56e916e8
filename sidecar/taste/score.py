"""What a shopper's taste adds to the relevance of hits."""

from dataclasses import dataclass

import numpy as np

from sidecar.config.personalization import Personalization
from sidecar.taste.decay import shares_left
from sidecar.taste.design import design_of
from sidecar.taste.gate import query_share, shares
from sidecar.taste.interest import LIKENESS, LIKENESS_KIND, likeness
from sidecar.taste.kinship import KINSHIP
from sidecar.taste.preferences import preferences
from sidecar.taste.state import Numbers, Taste
from sidecar.taste.traits import Traits


@dataclass(frozen=True, slots=True)
class Residuals:
    """n hits. `values` float64 [n] are to be added to the relevance stage's scores, and are in its unit.

    `parts` float64 [n, p] say what each attribute and slope, the kinship and, where they are looked at, the
    items' vectors (in the order of `names`) brought before the bound: where a sum of parts is within
    ±`bound`, it is the value. `gate` is 0–1: how much of the taste counts, the mean over the preferences.
    """

    values: Numbers
    parts: Numbers
    names: tuple[str, ...]
    gate: float
    bound: float


def residuals(
    taste: Taste,
    traits: Traits,
    relevance: Numbers,
    specificity: float,
    settings: Personalization,
    now: float,
    strength: float,
) -> Residuals:
    """What the taste adds to `relevance` (float64 [n], the relevance stage's scores of the same hits).

    All zeros for a shopper of whom nothing is known, or where no hit differs from the others. `specificity`
    is the query's, 0–1; `strength` 0–1 scales the effect, bound and all. Pure.
    """
    design = design_of(traits, settings.kinship)
    names, kinds = list(design.names), list(design.kinds)
    parts = preferences(taste, design.keys, now, settings) * design.values
    if traits.vectors is not None and settings.item_vector is not None:
        left = shares_left(taste, now, settings)[0]
        parts = np.column_stack([parts, likeness(taste, traits.vectors, left)])
        names.append(LIKENESS)
        kinds.append(LIKENESS_KIND)
    believed = query_share(specificity, settings.gate) * shares(taste, kinds, settings.gate)
    slope = settings.calibration.slope
    if settings.centre and len(parts):
        # Against the hit that relevance alone would offer: what all of them share moves nobody.
        parts = parts - _offered(settings.calibration.slope * relevance) @ parts
    parts *= believed * (strength / slope)
    bound = strength * settings.clip / slope
    if settings.kinship:
        # A dimension alone means nothing to people.
        first = len(traits.attributes) + len(traits.slopes)
        after = first + settings.kinship.dimensions
        together = parts[:, first:after].sum(axis=1)
        parts = np.column_stack([parts[:, :first], together, parts[:, after:]])
        names[first:after] = [KINSHIP]
    return Residuals(
        np.clip(parts.sum(axis=1), -bound, bound), parts, tuple(names), float(believed.mean()), bound
    )


def _offered(logits: Numbers) -> Numbers:
    """The chances to be taken by relevance alone."""
    chances = np.exp(logits - logits.max())
    return np.asarray(chances / chances.sum())
