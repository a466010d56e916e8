"""Kinds of queries, told apart: a mean can hide that one kind got worse."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.domain.understanding import Understanding
from sidecar.evaluation.comparison import bootstrap
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.measured import Measured
from sidecar.evaluation.measures import PRIMARY

Slicer = Callable[[JudgedQuery], str]
"""The value of a query, such as "3–4" for its words; empty: the query is in no slice."""

FEW = 5
"""Resampling fewer queries than these says nothing, so they get no interval."""

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
SIGNS = re.compile(f"[{CJK}]")
WORDS = re.compile(f"[^\\s{CJK}]+")
# Stainless (不锈) and wireless (无线) hold the signs of a negation and are none.
NEGATION = re.compile(
    r"\b(?:without|no|not|non|never|except|excluding)\b|\bw/o\b|n['’]t\b|\w-free\b|不(?![锈鏽])|[无無](?![线線])|没有|沒有",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Slice:
    """One arm against the baseline on the `n` queries whose `slice` has this `value`."""

    slice: str
    value: str
    arm: str
    baseline: str
    metric: str
    n: int
    mean: float
    baseline_mean: float
    delta: float
    ci95: tuple[float, float] | None


def length_of(query: JudgedQuery) -> str:
    """The number of words; two CJK signs count as one."""
    signs = len(SIGNS.findall(query.text))
    words = len(WORDS.findall(query.text)) + (signs + 1) // 2
    return "1" if words <= 1 else "2" if words == 2 else "3–4" if words <= 4 else "5+"


def digits_of(query: JudgedQuery) -> str:
    return "yes" if re.search(r"\d", query.text) else "no"


def negation_of(query: JudgedQuery) -> str:
    return "yes" if NEGATION.search(query.text) else "no"


SLICERS: Mapping[str, Slicer] = {"words": length_of, "digits": digits_of, "negation": negation_of}
"""What the words of a query alone tell."""


def understanding_slicers(understand: Callable[[str], Understanding]) -> dict[str, Slicer]:
    """Intent and specificity, as query understanding sees them."""

    def intent(query: JudgedQuery) -> str:
        return str(understand(query.text).intent)

    def specificity(query: JudgedQuery) -> str:
        found = understand(query.text).specificity
        return "low" if found < 1 / 3 else "middle" if found < 2 / 3 else "high"

    return {"intent": intent, "specificity": specificity}


def brand_slicer(brands: Mapping[str, str], seen: frozenset[str]) -> Slicer:
    """Whether a query's exact products are all of brands that training did not see.

    `brands` by product id; `seen` as `same_words` writes them. In no slice: queries whose exact products
    have no brand.
    """

    def brand(query: JudgedQuery) -> str:
        found = {
            brands[product] for product, label in query.labels.items() if label == "E" and product in brands
        }
        return "" if not found else "seen" if found & seen else "unseen"

    return brand


def sliced(found: Measured, slicers: Mapping[str, Slicer], *, seed: int = 0) -> list[Slice]:
    """Every slice of every arm but the baseline."""
    results = []
    for name, slicer in slicers.items():
        values = [slicer(query) for query in found.queries]
        for value in _in_order(values):
            places = np.array([place for place, one in enumerate(values) if one == value])
            results += [_slice(found, name, value, arm, places, seed) for arm in found.others]
    return results


def _in_order(values: Sequence[str]) -> list[str]:
    known = ("low", "middle", "high", "no", "yes", "seen", "unseen")
    return sorted(
        {value for value in values if value},
        key=lambda value: (known.index(value) if value in known else len(known), value),
    )


def _slice(
    found: Measured,
    name: str,
    value: str,
    arm: str,
    places: np.ndarray[tuple[int], np.dtype[np.int64]],
    seed: int,
) -> Slice:
    differences = found.differences(arm)[places]
    interval = bootstrap(differences, seed=seed)[0] if len(places) >= FEW else None
    return Slice(
        slice=name,
        value=value,
        arm=arm,
        baseline=found.baseline,
        metric=PRIMARY,
        n=len(places),
        mean=float(found.values[arm][PRIMARY][places].mean()),
        baseline_mean=float(found.values[found.baseline][PRIMARY][places].mean()),
        delta=float(differences.mean()),
        ci95=interval,
    )
