"""The figures of a simulation, with intervals over populations."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import stats

from sidecar.simulation.run import CHECKPOINTS, ORACLE, RELEVANCE, Simulated
from sidecar.simulation.shelf import Numbers

TITLE = "Simulated shoppers: nDCG@10 on true utility, held-out queries"
LEVEL = 0.95


@dataclass(frozen=True)
class Figure:
    """A mean over populations, and the 95 % interval of that mean (Student's t); None for one population."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Row:
    """One arm after so many interactions.

    `gain`: nDCG above relevance alone, shoppers with taste. `way`: that as a share of what the oracle gains.
    `harm`: what shoppers without a taste lose or gain, as a share of relevance alone's nDCG.
    """

    arm: str
    interactions: int
    ndcg: Figure
    gain: Figure
    way: Figure
    ndcg_without: Figure
    harm: Figure


def rows_of(simulated: Simulated) -> list[Row]:
    """Every arm at every checkpoint."""
    base, ceiling = simulated.with_taste[RELEVANCE], simulated.with_taste[ORACLE]
    plain = simulated.without[RELEVANCE]
    rows = []
    for arm, found in simulated.with_taste.items():
        for place, interactions in enumerate(CHECKPOINTS):
            gain = found[:, place] - base[:, place]
            without = simulated.without[arm][:, place]
            rows.append(
                Row(
                    arm,
                    interactions,
                    figure(found[:, place]),
                    figure(gain),
                    figure(gain / (ceiling[:, place] - base[:, place])),
                    figure(without),
                    figure(without / plain[:, place] - 1.0),
                )
            )
    return rows


def figure(values: Numbers) -> Figure:
    """The mean of the populations' values and its interval."""
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return Figure(float(values.mean()) if len(values) else float("nan"), None, None)
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5)
    mean = float(values.mean())
    return Figure(mean, mean - half, mean + half)


def as_json(simulated: Simulated, rows: Sequence[Row]) -> dict[str, Any]:
    """For machines. NaN (nobody got that far) becomes null."""
    return {
        "simulated": True,
        "title": TITLE,
        "populations": simulated.plan.populations,
        "shoppers_with_taste": simulated.plan.shoppers,
        "shoppers_without": simulated.plan.without,
        "shoppers_related": simulated.plan.related,
        "seed": simulated.plan.seed,
        "queries": simulated.queries,
        "rows": [_without_nan(asdict(row)) for row in rows],
    }


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    return None if isinstance(value, float) and np.isnan(value) else value
