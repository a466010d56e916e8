"""Fixed pairs that every model is asked before it may serve, and how far two models are apart on them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.scorer import Scorer, ScorerError
from sidecar.rollout.errors import RolloutError

QUERIES = (
    "red running shoes",
    "kettle",
    "office chair without wheels",
    "32gb usb stick",
    "waterproof jacket kids",
    "non stick frying pan 28 cm",
    "红色 跑鞋 女",
    "gift for a gardener",
)
TEXTS = (
    "Red running shoes for women, breathable mesh",
    "Blue running shoes for men, size 44",
    "Red high heels, leather",
    "Electric kettle, 1.7 l, stainless steel",
    "Whistling kettle for gas and induction",
    "Tea cup with saucer, porcelain, set of 6",
    "Office chair, fixed feet, height adjustable",
    "Office chair with castors, mesh back",
    "Kitchen stool, beech",
    "USB stick 32 GB, USB 3.0",
    "USB stick 64 GB, metal",
    "microSD card 32GB with adapter",
    "Waterproof jacket for kids, hooded, yellow",
    "Rain coat for women, long",
    "Kids' fleece jacket",
    "Frying pan 28 cm, non-stick, induction",
    "Frying pan 24 cm, cast iron",
    "Pan lid 28 cm, glass",
    "女士红色跑鞋 透气",
    "Pruning shears with wooden handle, gift box",
    "Garden hose, 20 m, green",
    "Gardening gloves, leather, one size",
    "x" * 2000,
    "-",
)
SECONDS = 30.0
"""For the texts of one query: a model that has just been loaded on a busy machine is slow."""
TOP = 10

SAME_BUILD = 0.05
SAME_WEIGHTS = 0.5
"""How far a score may be from the live model's, in standard deviations of the live model's scores: of the
same fingerprint, and of the same weights in another precision."""

ScoreTable = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """Two models on the canary pairs.

    `largest_difference` in standard deviations of the first one's scores; `spearman` and `top10_overlap` are
    means over the queries, 1 for the same order.
    """

    largest_difference: float
    spearman: float
    top10_overlap: float

    def to_json(self) -> dict[str, Any]:
        """Rounded for people and programs."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


async def canary_scores(scorer: Scorer, dimensions: int | None = None) -> ScoreTable:
    """float64 [queries, texts]; also asks for vectors, of `dimensions` numbers, where the model makes any.

    Raises RolloutError where an answer is missing or cannot be trusted.
    """
    try:
        rows = [(await scorer.score(query, TEXTS, Deadline.after(SECONDS))).values for query in QUERIES]
        if dimensions:
            vectors = (await scorer.embed(TEXTS, Deadline.after(SECONDS))).values
            if vectors.shape != (len(TEXTS), dimensions):
                raise RolloutError(
                    f"the canary's vectors have {vectors.shape[1]} numbers; the manifest says {dimensions}."
                )
    except ScorerError as error:
        raise RolloutError(f"the canary failed: {error}") from error
    table = np.array(rows, np.float64)
    if not np.isfinite(table).all():
        raise RolloutError("the canary failed: some pairs have no score.")
    if (table == table[:1, :1]).all():
        raise RolloutError("the canary failed: every pair has the same score.")
    return table


def compared(live: ScoreTable, other: ScoreTable) -> Comparison:
    """How far `other` is from `live`."""
    spread = float(live.std()) or 1.0
    return Comparison(
        float(np.abs(live - other).max()) / spread,
        float(np.mean([_spearman(one, two) for one, two in zip(live, other, strict=True)])),
        float(np.mean([_overlap(one, two) for one, two in zip(live, other, strict=True)])),
    )


def _spearman(one: ScoreTable, other: ScoreTable) -> float:
    ranks = [np.argsort(np.argsort(-scores, kind="stable"), kind="stable") for scores in (one, other)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _overlap(one: ScoreTable, other: ScoreTable) -> float:
    best: Sequence[set[int]] = [
        set(np.argsort(-scores, kind="stable")[:TOP].tolist()) for scores in (one, other)
    ]
    return len(best[0] & best[1]) / TOP
