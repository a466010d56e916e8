"""The learning curve: how good the next searches are after so many interactions."""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sidecar.simulation.report import Figure as Mean
from sidecar.simulation.report import Row
from sidecar.simulation.run import CHECKPOINTS

COLORS = (
    "#55606e",
    "#b5403a",
    "#b08a2e",
    "#2a7f62",
    "#1d4e89",
    "#6fb98f",
    "#5fa8d3",
    "#8a6bb1",
    "#000000",
    "#d98cb3",
    "#7d5a3c",
)
"""One an arm; with more arms they begin again."""


def draw_curve(path: Path, rows: Sequence[Row]) -> None:
    """Writes an SVG or PNG, by the name's ending; an SVG has the same bytes for the same figures."""
    figure = Figure(figsize=(9, 4))
    left, right = figure.subplots(1, 2)
    arms = list(dict.fromkeys(row.arm for row in rows))
    for arm, color in zip(arms, cycle(COLORS), strict=False):
        own = [row for row in rows if row.arm == arm]
        _line(left, arm, color, [row.ndcg for row in own])
        _line(right, arm, color, [row.ndcg_without for row in own])
    for axes, who in ((left, "with a taste"), (right, "without a taste")):
        axes.set_title(f"simulated shoppers {who}", fontsize=10)
        axes.set_xticks(range(len(CHECKPOINTS)), [str(number) for number in CHECKPOINTS])
        axes.set_xlabel("interactions (clicked hits)")
        axes.grid(alpha=0.3)
    left.set_ylabel("nDCG@10 on true utility, held-out queries")
    left.legend(fontsize=7)
    with mpl.rc_context({"svg.hashsalt": "reshelf", "svg.fonttype": "none"}):
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, metadata=metadata, bbox_inches="tight", dpi=120)


def _line(axes: Axes, arm: str, color: str, figures: Sequence[Mean]) -> None:
    means = [found.mean for found in figures]
    lows = [found.low if found.low is not None else found.mean for found in figures]
    highs = [found.high if found.high is not None else found.mean for found in figures]
    places = range(len(means))
    axes.plot(places, means, color=color, marker="o", markersize=3, linewidth=1.4, label=arm)
    axes.fill_between(places, lows, highs, color=color, alpha=0.12, linewidth=0)
