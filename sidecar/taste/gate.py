"""How much of what is known of a shopper counts."""

from collections.abc import Sequence

import numpy as np

from sidecar.config.personalization import Gate
from sidecar.taste.state import Numbers, Taste


def shares(taste: Taste, kinds: Sequence[int], settings: Gate) -> Numbers:
    """How much each attribute or slope (by `kind_key`) counts for the shopper, float64 [c], 0–1.

    One that no click has spoken of yet counts as the shopper's taste as a whole does.
    """
    if not settings.evidence:
        return np.ones(len(kinds))
    nats = np.array([taste.evidence_of.get(kind, taste.evidence) for kind in kinds])
    return np.asarray(1.0 / (1.0 + (1.0 - settings.prior) / settings.prior * np.exp(-nats)))


def query_share(specificity: float, settings: Gate) -> float:
    """Who asks for one product wants that one: the share falls from `broad` on."""
    if specificity <= settings.broad or settings.broad >= 1:
        return 1.0
    beyond = min(1.0, (specificity - settings.broad) / (1 - settings.broad))
    return 1.0 - beyond * (1.0 - settings.at_most_specific)
