"""The trade-off curve: variety won against relevance lost."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sidecar.benchmark.layout.bounds import CALIBRATED, LABELS
from sidecar.benchmark.layout.choice import MOST_LOST
from sidecar.benchmark.layout.trade_off import Measured, baseline, change
from sidecar.benchmark.layout.variety import DIVERSITY
from sidecar.evaluation.measures import PRIMARY

AIM = 0.2
LEAST, MOST = -12.0, 32.0
"""Per cent of nDCG and of diversity that are drawn; what costs more is in the tables."""
COLORS = (
    "#1d4e89", "#2a7f62", "#b08a2e", "#c9599a", "#8a6bb1", "#b5403a", "#55606e", "#999999",
)  # fmt: skip
LEFT_OUT = ("default", LABELS)
"""A point of another family, and what is far above the panel."""


def draw(path: Path, beds: Mapping[str, Sequence[Measured]], chosen: str) -> None:
    """One panel a bed. The same bytes for the same figures."""
    figure = Figure(figsize=(5.5 * len(beds), 4.4))
    panels = figure.subplots(1, len(beds), squeeze=False)[0]
    for axes, (name, found) in zip(panels, beds.items(), strict=True):
        _panel(axes, name, found, chosen)
    panels[0].legend(fontsize=7, loc="lower left")
    with mpl.rc_context({"svg.hashsalt": "reshelf", "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None}, bbox_inches="tight")


def _panel(axes: Axes, name: str, found: Sequence[Measured], chosen: str) -> None:
    before = baseline(found)
    families = groupby(
        (one for one in found if one is not before and one.setting.family not in LEFT_OUT),
        key=lambda one: one.setting.family,
    )
    for color, (family, members) in zip(COLORS, families, strict=True):
        changes = [
            (
                100 * change(one.values[DIVERSITY], before.values[DIVERSITY]).share,
                100 * change(one.values[PRIMARY], before.values[PRIMARY]).share,
            )
            for one in members
        ]
        line = "--" if family == CALIBRATED else "-"
        axes.plot(*zip(*changes, strict=True), line, marker="o", markersize=4, color=color, label=family)
    for one in found:
        if one.setting.name == chosen:
            won = change(one.values[DIVERSITY], before.values[DIVERSITY])
            cost = change(one.values[PRIMARY], before.values[PRIMARY])
            axes.errorbar(
                [100 * won.share], [100 * cost.share],
                xerr=[[100 * (won.share - won.ci95[0])], [100 * (won.ci95[1] - won.share)]],
                yerr=[[100 * (cost.share - cost.ci95[0])], [100 * (cost.ci95[1] - cost.share)]],
                fmt="D", color="black", capsize=3, label=f"chosen: {chosen}",
            )  # fmt: skip
    axes.axhline(-100 * MOST_LOST, color="#55606e", linestyle="--", linewidth=0.8)
    axes.axvline(100 * AIM, color="#55606e", linestyle="--", linewidth=0.8)
    axes.set_title(f"{name}, {len(before.values[PRIMARY])} queries", fontsize=10)
    axes.set_xlabel("intra-list diversity@10, % more than by relevance alone")
    axes.set_ylabel("nDCG@10, %")
    axes.set_xlim(-1, MOST)
    axes.set_ylim(LEAST, 1.5)
    axes.grid(alpha=0.3)
