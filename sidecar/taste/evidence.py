"""Whether a shopper's clicks speak for a taste at all, and for a taste in what."""

import numpy as np

from sidecar.taste.seen_list import SeenList
from sidecar.taste.state import Taste

LEAST, MOST = -3.0, 8.0
"""In nats; so that a shopper who changes is believed again soon."""

GREATEST_STEP = 2.0


def weigh(taste: Taste, seen: SeenList, place: int) -> float:
    """Adds to the evidence, in place, by how many nats the taste foretold this click better; returns that.

    Of all hits that may have been seen this one was taken: its chance with the taste over that without, for
    the whole taste and for each attribute and slope alone: who cares for prices need not care for brands. To
    be called before the click is learned from.
    """
    kinds, columns = np.unique(seen.kinds, return_inverse=True)
    likes = np.zeros((len(seen.taste), len(kinds) + 1))
    likes[:, -1] = seen.taste
    likes[:, :-1] = seen.parts @ (columns[:, None] == np.arange(len(kinds)))
    weights = seen.chances * np.exp(seen.relevance - seen.relevance.max())
    against = np.exp(likes - likes[place])
    gained = np.clip(-np.log(weights @ against / weights.sum()), -GREATEST_STEP, GREATEST_STEP).tolist()
    for kind, nats in zip(kinds.tolist(), gained, strict=False):
        if nats or kind in taste.evidence_of:
            taste.evidence_of[kind] = bounded(taste.evidence_of.get(kind, 0.0) + nats)
    taste.evidence = bounded(taste.evidence + gained[-1])
    return float(gained[-1])


def bounded(nats: float) -> float:
    """Evidence within what a profile holds."""
    return min(max(nats, LEAST), MOST)
