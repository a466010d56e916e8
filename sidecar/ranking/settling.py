"""Scores that fit an order: a guardrail or a rule moved hits, and scores may still not rise down the list."""

import numpy as np

from sidecar.ranking.standing import FloatArray


def settled(wanted: FloatArray) -> FloatArray:
    """The never increasing scores nearest to `wanted` float64 [n], which is in the order of the answer.

    Isotonic regression by pooling neighbours (Barlow et al. 1972): hits that stand against their wish get the
    mean of their wishes. What does not rise already comes back as it is.
    """
    rises = np.flatnonzero(wanted[1:] > wanted[:-1])
    if not len(rises):
        return wanted
    last = int(rises[-1]) + 1
    means: list[float] = []
    sizes: list[int] = []
    done = 0
    for value in wanted.tolist():
        if done > last and means[-1] >= value:
            break  # nothing rises from here on
        done += 1
        mean, size = value, 1
        while means and means[-1] < mean:
            above, many = means.pop(), sizes.pop()
            mean = (above * many + mean * size) / (many + size)
            size += many
        means.append(mean)
        sizes.append(size)
    return np.concatenate([np.repeat(np.array(means), np.array(sizes)), wanted[done:]])
