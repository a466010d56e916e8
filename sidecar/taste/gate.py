"""How much of what is known of a shopper counts."""

import math

from sidecar.config.personalization import Gate
from sidecar.taste.state import Taste


def gate(taste: Taste, specificity: float, settings: Gate) -> float:
    """0–1: the query's share times the shopper's."""
    return query_share(specificity, settings) * (shopper_share(taste, settings) if settings.evidence else 1.0)


def query_share(specificity: float, settings: Gate) -> float:
    """Who asks for one product wants that one: the share falls from `broad` on."""
    if specificity <= settings.broad or settings.broad >= 1:
        return 1.0
    beyond = min(1.0, (specificity - settings.broad) / (1 - settings.broad))
    return 1.0 - beyond * (1.0 - settings.at_most_specific)


def shopper_share(taste: Taste, settings: Gate) -> float:
    """The chance that the shopper has this taste rather than none, given how well it foretold the clicks."""
    return 1.0 / (1.0 + (1.0 - settings.prior) / settings.prior * math.exp(-taste.evidence))
