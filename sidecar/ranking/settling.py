"""Scores that fit an order: a guardrail or a rule moved hits, and scores may still not rise down the list."""

from itertools import chain, compress, count, repeat
from operator import gt

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
    rises = list(compress(count(1), map(gt, wanted[1:], wanted)))
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
        mean, size = means.pop(), sizes.pop()
        while done < len(wanted) and wanted[done] > mean:
            mean = (mean * size + wanted[done]) / (size + 1)
            size += 1
            while means and means[-1] < mean:
                many = sizes.pop()
                mean = (means.pop() * many + mean * size) / (many + size)
                size += many
            done += 1
        means.append(mean)
        sizes.append(size)
    return [*chain.from_iterable(map(repeat, means, sizes)), *wanted[done:]]
