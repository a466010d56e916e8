"""Whether a shopper's clicks speak for a taste at all."""

import numpy as np

from sidecar.taste.seen_list import SeenList
from sidecar.taste.state import Taste

LEAST, MOST = -3.0, 8.0
"""In nats; so that a shopper who changes is believed again soon."""

GREATEST_STEP = 2.0


def weigh(taste: Taste, seen: SeenList, place: int) -> float:
    """Adds to the evidence, in place, by how many nats the taste foretold this click better; returns that.

    Of all hits that may have been seen this one was taken: its chance with the taste over that without.
    To be called before the click is learned from.
    """
    weights = seen.chances * np.exp(seen.relevance - seen.relevance.max())
    against = np.exp(seen.taste - seen.taste[place])
    gained = -float(np.log(weights @ against / weights.sum()))
    gained = min(max(gained, -GREATEST_STEP), GREATEST_STEP)
    taste.evidence = min(max(taste.evidence + gained, LEAST), MOST)
    return gained
