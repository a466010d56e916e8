"""The trade-off as tables for people and plain data for machines."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from sidecar.benchmark.layout.choice import MOST_LOST, Choice
from sidecar.benchmark.layout.speed import Speed
from sidecar.benchmark.layout.trade_off import JUDGED, Change, Measured, baseline, change
from sidecar.benchmark.layout.variety import DIVERSITY, UNSEEN
from sidecar.benchmark.report import plain_data
from sidecar.evaluation.measures import PRIMARY

SHOWN = (
    PRIMARY,
    DIVERSITY,
    JUDGED,
    "brand",
    "category",
    "title",
    UNSEEN,
    "brand entropy",
    "category entropy",
)


def table(name: str, found: Sequence[Measured], chosen: str) -> Table:
    """Every setting of a bed: nDCG and diversity with intervals, the rest as shares."""
    before = baseline(found)
    queries = len(before.values[PRIMARY])
    made = Table(
        "setting", "nDCG@10", "", "diversity@10", "", *SHOWN[2:],
        title=f"{name}: {queries} queries; changes against relevance alone with 95 % intervals",
        title_justify="left",
    )  # fmt: skip
    for one in found:
        changes = {measure: change(one.values[measure], before.values[measure]) for measure in SHOWN}
        cells = []
        for measure in SHOWN[:2]:
            cells += [f"{changes[measure].mean:.4f}", "" if one is before else _told(changes[measure])]
        cells += [
            f"{changes[measure].mean:.3f}" if one is before else f"{changes[measure].share:+.1%}"
            for measure in SHOWN[2:]
        ]
        mark = " *" if one.setting.name == chosen else ""
        made.add_row(one.setting.name + mark, *cells, end_section=one is before)
    return made


def _told(found: Change) -> str:
    low, high = found.ci95
    return f"{found.share:+.1%} [{low:+.1%}, {high:+.1%}]"


def choice_told(bed: str, choice: Choice) -> str:
    """What was chosen, and what it was worth where it had not been chosen."""
    folds = ", ".join(f"{name} ({count})" for name, count in choice.folds.items())
    return (
        f"* chosen on {bed}: {choice.name}, the most diverse that costs at most {MOST_LOST:.0%} of nDCG@10. "
        f"Cross-validated there: diversity {_told(choice.diversity)}, nDCG@10 {_told(choice.relevance)}; "
        f"the folds chose {folds}."
    )


def speed_told(found: Speed) -> str:
    """The stage's own time."""
    return (
        f"The stage itself, {found.matching} of {found.rules:,} rules holding, {found.hits} hits: processor "
        f"time p50 {found.p50_ms:.2f} ms, p99 {found.p99_ms:.2f} ms ({found.searches:,} searches); "
        f"compiled in {found.compile_s:.2f} s."
    )


def data(beds: Mapping[str, Sequence[Measured]], choice: Choice, found: Speed, model: str) -> dict[str, Any]:
    """All figures."""
    return {
        "model": model,
        "chosen": plain_data(choice),
        "speed": plain_data(found),
        "beds": {name: _bed(measured) for name, measured in beds.items()},
    }


def _bed(found: Sequence[Measured]) -> dict[str, Any]:
    before = baseline(found)
    return {
        "queries": len(before.values[PRIMARY]),
        "settings": [
            {
                "name": one.setting.name,
                "family": one.setting.family,
                "rules": list(one.setting.rules),
                "measures": {
                    measure: plain_data(change(values, before.values[measure]))
                    for measure, values in one.values.items()
                },
            }
            for one in found
        ],
    }
