"""The trade-off as a picture: speed against nDCG, the ways worth choosing joined by a line."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from sidecar.evaluation.plots import BETTER, NEUTRAL
from sidecar.training.comparison.measure import Figures


def draw(figures: Figures, path: Path) -> None:
    """Writes an SVG: the same bytes for the same figures."""
    figure = Figure(figsize=(7, 4))
    axes = figure.subplots()
    for row in figures.rows:
        color = BETTER if row.best else NEUTRAL
        axes.scatter(row.pairs_per_second, row.ndcg, color=color, s=8 + row.megabytes)
        axes.annotate(row.name, (row.pairs_per_second, row.ndcg), (6, 6), textcoords="offset points")
    best = sorted((row.pairs_per_second, row.ndcg) for row in figures.rows if row.best)
    axes.plot([speed for speed, _ in best], [ndcg for _, ndcg in best], color=BETTER, linewidth=1)
    axes.axhline(figures.first_stage, color=NEUTRAL, linestyle="--", linewidth=1)
    axes.set_xlabel(f"pairs a second, {figures.threads} threads (area: size of the graph)")
    axes.set_ylabel(f"nDCG@10 over {figures.lists} queries (dashed: BM25)")
    axes.margins(0.15)
    axes.grid(alpha=0.3)
    # Without a fixed salt and date, two drawings of the same figures would differ.
    with mpl.rc_context({"svg.hashsalt": "reshelf", "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None}, bbox_inches="tight")
