"""The columns that the online blend weighs: what was served, crossed with where and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from sidecar.config.online_blend import OnlineBlend
from sidecar.taste.served_list import ServedList

RELEVANCE = "relevance"
BIAS = "bias"
DAYPARTS = ((6, "night"), (12, "morning"), (18, "afternoon"), (24, "evening"))
LIMIT = 8.0
"""Features beyond are outliers: standardised ones never get there."""


@dataclass(frozen=True, slots=True)
class Columns:
    """n hits in numbers: `values` float64 [n, f] by `names`; the first two are the bias and the relevance."""

    names: tuple[str, ...]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moment:
    """Where and when a search happens. `time` is in seconds since 1970."""

    device: str
    time: float
    specificity: float
    locale: str = ""
    channel: str = ""

    def values(self, contexts: Sequence[str]) -> list[tuple[str, str]]:
        """Each context with its value here."""
        known = {
            "device": self.device or "unknown",
            # "de_AT" and "de-at" are one.
            "locale": self.locale.replace("_", "-").casefold() or "unknown",
            "channel": self.channel.casefold() or "unknown",
            "daypart": self._daypart(),
            "specificity": ("broad", "middle", "narrow")[min(2, int(self.specificity * 3))],
        }
        return [(name, known[name]) for name in contexts]

    def _daypart(self) -> str:
        hour = datetime.fromtimestamp(self.time, UTC).hour
        return next(name for end, name in DAYPARTS if hour < end)


def columns(
    relevance: NDArray[np.floating],
    features: NDArray[np.floating],
    names: Sequence[str],
    moment: Moment,
    settings: OnlineBlend,
) -> Columns:
    """`relevance` [n] in the relevance stage's unit, `features` [n, g] by `names`; NaN counts as 0."""
    table = np.nan_to_num(np.asarray(features, np.float64), posinf=LIMIT, neginf=-LIMIT)
    table = np.clip(table, -LIMIT, LIMIT)
    scores = np.asarray(relevance, np.float64)
    kept = [(name, table[:, at]) for at, name in enumerate(names) if name not in (BIAS, RELEVANCE)]
    parts = [(BIAS, np.ones(len(scores))), (RELEVANCE, scores), *kept]
    values = moment.values(settings.contexts)
    for name, column in list(parts):
        if name in settings.crossed:
            parts.extend((f"{name}|{context}={value}", column) for context, value in values)
    return Columns(tuple(name for name, _ in parts), np.stack([column for _, column in parts], axis=1))


def of_list(served: ServedList, places: int, settings: OnlineBlend) -> Columns:
    """The columns of a list's first hits. What the taste added counts as relevance: it is known already."""
    return columns(
        (served.scores + served.residuals)[:places],
        served.features[:places],
        served.feature_names,
        Moment(served.device, served.time, served.intent_specificity, served.locale, served.channel),
        settings,
    )
