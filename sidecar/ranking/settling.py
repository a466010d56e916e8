"""Scores that fit an order: a guardrail or a rule moved hits, and scores may still not rise down the list."""

from itertools import pairwise

import numpy as np

from sidecar.ranking.standing import FloatArray


def settled(wanted: FloatArray) -> FloatArray:
    """The never increasing scores nearest to `wanted` float64 [n], which is in the order of the answer.

    Isotonic regression by pooling neighbours (Barlow et al. 1972): hits that stand against their wish get the
    mean of their wishes. What does not rise already comes back as it is.
    """
    values = wanted.tolist()
    found = pooled(values)
    return wanted if found is values else np.array(found)


def pooled(wanted: list[float]) -> list[float]:
    """The same of a list; the list itself where nothing rises."""
    rises = [at for at, (above, value) in enumerate(pairwise(wanted), 1) if value > above]
    if not rises:
        return wanted
    means: list[float] = []
    sizes: list[int] = []
    done = 0
    for rise in rises:
        if rise < done:
            continue
        # Down to here nothing rises: each is a pool of its own.
        means += wanted[done:rise]
        sizes += [1] * (rise - done)
        done = rise
        while done < len(wanted) and wanted[done] > means[-1]:
            mean, size = wanted[done], 1
            while means and means[-1] < mean:
                above, many = means.pop(), sizes.pop()
                mean = (above * many + mean * size) / (many + size)
                size += many
            means.append(mean)
            sizes.append(size)
            done += 1
    found: list[float] = []
    for mean, size in zip(means, sizes, strict=True):
        found += [mean] * size
    return found + wanted[done:]
