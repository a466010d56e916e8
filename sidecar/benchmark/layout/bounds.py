"""How much variety there is to win: the best exchange of hits by what no rule knows, the judgments."""

from collections.abc import Sequence

import numpy as np

from sidecar.benchmark.layout.bed import Bed, Laid
from sidecar.benchmark.layout.settings import Setting
from sidecar.benchmark.layout.variety import FIRST, Order
from sidecar.config.profile import FeatureFields
from sidecar.evaluation.measures import GAINS
from sidecar.ranking.layout.page.hit_values import aspects
from sidecar.ranking.layout.page.spread import intra_list_diversity
from sidecar.ranking.layout.varying import FEWEST_LOOKED_AT
from sidecar.ranking.settling import settled
from sidecar.ranking.standing import FloatArray

LABELS = "labels known"
CALIBRATED = "scores calibrated on the labels"
PRICES = {LABELS: (0.3, 1.0), CALIBRATED: (0.1, 0.2, 0.3, 0.5, 0.7)}
"""How much nDCG a whole unit of diversity may cost."""

DISCOUNTS = 1 / np.log2(np.arange(2, FIRST + 2))

NOTHING = 1e-9

Bound = tuple[Setting, list[Order]]


def bounds(bed: Bed, named: FeatureFields) -> list[Bound]:
    """Each bound with its orders, one a query: what exchanging hits brings whose gain is known, and whose
    gain is what hits of their score have on the mean.

    Both look at these very judgments, so neither is a setting; between them and a setting is what better
    scores, or a better use of these scores, could bring.
    """
    depths = [min(FEWEST_LOOKED_AT, len(laid.candidates)) for laid in bed.queries]
    apart = [_distances(laid, depth, named) for laid, depth in zip(bed.queries, depths, strict=True)]
    known = [_gains(laid, depth) for laid, depth in zip(bed.queries, depths, strict=True)]
    calibrated = _calibrated(
        [laid.scores[: len(gains)] for laid, gains in zip(bed.queries, known, strict=True)], known
    )
    return [
        (
            Setting(f"{family}, price {price:g}", family, price, knows_labels=True),
            [
                _whole(exchanged(gain, distances, price), len(laid.candidates))
                for laid, gain, distances in zip(bed.queries, gains, apart, strict=True)
            ],
        )
        for family, gains in ((LABELS, known), (CALIBRATED, calibrated))
        for price in PRICES[family]
    ]


def exchanged(gains: FloatArray, distances: FloatArray, price: float) -> Order:
    """Places of the first ten, rising: the best single exchange again and again, until none brings anything.

    `gains` float64 [k], 0 to 1, and `distances` float64 [k, k], 0 to 1, are in the order by relevance, which
    the ten keep. What they are worth is their discounted gain, as a share of ten perfect hits', and `price`
    times their mean distance.
    """
    count = len(gains)
    first = np.arange(min(FIRST, count))
    if count <= FIRST:
        return first
    rate, pairs = price * DISCOUNTS.sum(), FIRST * (FIRST - 1) / 2
    while True:
        others = np.setdiff1d(np.arange(count), first)
        to_first = distances[:, first].sum(axis=1)
        apart = to_first[others] - distances[np.ix_(first, others)] - to_first[first][:, None]
        kept = np.array([np.delete(first, at) for at in range(FIRST)])
        shape = (FIRST, len(others), FIRST - 1)
        entered = np.broadcast_to(others[None, :, None], (FIRST, len(others), 1))
        tens = np.sort(np.concatenate([np.broadcast_to(kept[:, None], shape), entered], axis=2), axis=2)
        won = gains[tens] @ DISCOUNTS - gains[first] @ DISCOUNTS + rate * apart / pairs
        best = np.unravel_index(won.argmax(), won.shape)
        if won[best] <= NOTHING:
            return first
        first = tens[best]


def _whole(first: Order, count: int) -> Order:
    return np.concatenate([first, np.setdiff1d(np.arange(count), first)])


def _distances(laid: Laid, depth: int, named: FeatureFields) -> FloatArray:
    hits = [aspects(candidate.fields, named) for candidate in laid.candidates[:depth]]
    return np.array([[intra_list_diversity([one, other]) for other in hits] for one in hits])


def _gains(laid: Laid, depth: int) -> FloatArray:
    labels = laid.query.labels
    return np.array(
        [GAINS[labels[hit.id]] / GAINS["E"] if hit.id in labels else 0.0 for hit in laid.candidates[:depth]]
    )


def _calibrated(scores: Sequence[FloatArray], gains: Sequence[FloatArray]) -> list[FloatArray]:
    """The mean gain of hits with about such a score: isotonic regression over all queries."""
    order = np.argsort(-np.concatenate(scores), kind="stable")
    fitted = np.empty(len(order))
    fitted[order] = settled(np.concatenate(gains)[order])
    return np.split(fitted, np.cumsum([len(one) for one in scores])[:-1])
