"""The comparison as a plot: pairs a second of every arm, by scenario."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from sidecar.benchmark.model.arms import OwnArm
from sidecar.benchmark.model.figures import ScenarioFigures

OURS, THEIRS = "#2a7f62", "#55606e"
PALER = 0.55
"""How strong the colour of fp32 is beside int8's."""


def draw_comparison(path: Path, scenarios: Sequence[ScenarioFigures]) -> None:
    """An SVG with a panel for each scenario and thread budget; ours green, int8 dark, fp32 pale."""
    most = max(len(figures.rows) for figures in scenarios)
    figure = Figure(figsize=(8, len(scenarios) * (0.9 + 0.24 * most)), layout="constrained")
    panels = figure.subplots(len(scenarios), 1, squeeze=False)[:, 0]
    for axes, figures in zip(panels, scenarios, strict=True):
        rows = sorted(figures.rows, key=lambda row: row.pairs_per_second)
        bars = axes.barh(
            [row.arm.name for row in rows],
            [row.pairs_per_second for row in rows],
            color=[OURS if isinstance(row.arm, OwnArm) else THEIRS for row in rows],
        )
        for bar, row in zip(bars, rows, strict=True):
            bar.set_alpha(1.0 if row.arm.precision == "int8" else PALER)
        axes.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=8)
        axes.tick_params(labelsize=8)
        axes.set_title(f"{figures.name}, {figures.threads} threads: pairs a second", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without a fixed salt and date, two drawings of the same figures would differ.
    with mpl.rc_context({"svg.hashsalt": "reshelf", "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None})
