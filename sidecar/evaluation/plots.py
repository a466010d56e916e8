"""The card's plots, as SVG: the same bytes for the same figures."""

import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from sidecar.evaluation.measures import PRIMARY
from sidecar.evaluation.report import Report
from sidecar.evaluation.slices import Slice

BETTER, WORSE, NEUTRAL = "#2a7f62", "#b5403a", "#55606e"


def draw_plots(folder: Path, report: Report) -> dict[str, str]:
    """Write the plots; the file names by what they show: arms, queries:ARM, slices."""
    drawn = {"arms": _save(folder / "arms.svg", _arms(report))}
    for arm in report.measured.others:
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", arm).strip("-")
        drawn[f"queries:{arm}"] = _save(folder / f"queries-{name}.svg", _queries(report, arm))
    if report.measured.others:
        arm = report.measured.others[-1]
        found = [one for one in report.slices if one.arm == arm and one.ci95 is not None]
        if found:
            drawn["slices"] = _save(folder / "slices.svg", _slices(found))
    return drawn


def _save(path: Path, figure: Figure) -> str:
    # Without a fixed salt and date, two drawings of the same figures would differ.
    with mpl.rc_context({"svg.hashsalt": "reshelf", "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return path.name


def _arms(report: Report) -> Figure:
    """The mean of every arm with its interval."""
    names = list(report.arms)
    means = [report.arms[name][PRIMARY] for name in names]
    figure = Figure(figsize=(7, 1 + 0.4 * len(names)))
    axes = figure.subplots()
    errors = _errors(means, [report.intervals[name] for name in names])
    axes.errorbar(means, range(len(names)), xerr=errors, fmt="o", color=NEUTRAL, capsize=3)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.margins(y=0.2)
    axes.set_xlabel(f"{PRIMARY}, 95 % interval over {report.queries} queries")
    axes.grid(axis="x", alpha=0.3)
    return figure


def _queries(report: Report, arm: str) -> Figure:
    """Every query's difference, the greatest win first."""
    differences = np.sort(report.measured.differences(arm))[::-1]
    figure = Figure(figsize=(7, 2.6))
    axes = figure.subplots()
    colors = [BETTER if value > 0 else WORSE for value in differences]
    axes.bar(range(len(differences)), differences, color=colors, width=1.0)
    found = report.comparison(arm)
    axes.axhline(found.delta, color=NEUTRAL, linestyle="--", linewidth=1)
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set_xlabel(f"queries: {found.wins} won, {found.losses} lost, {found.ties} as before")
    axes.set_ylabel(f"{PRIMARY} less {found.baseline}’s")
    axes.set_title(f"{arm} (dashed: the mean, {found.delta:+.4f})", fontsize=10)
    return figure


def _slices(slices: Sequence[Slice]) -> Figure:
    """One arm's differences by slice, with their intervals."""
    deltas = [found.delta for found in slices]
    figure = Figure(figsize=(7, 1 + 0.3 * len(slices)))
    axes = figure.subplots()
    errors = _errors(deltas, [found.ci95 for found in slices if found.ci95 is not None])
    axes.errorbar(deltas, range(len(slices)), xerr=errors, fmt="o", color=NEUTRAL, capsize=3)
    axes.axvline(0, color="black", linewidth=0.6)
    axes.set_yticks(range(len(slices)), [f"{found.slice}: {found.value} ({found.n})" for found in slices])
    axes.invert_yaxis()
    axes.margins(y=0.1)
    axes.set_xlabel(f"{PRIMARY}, {slices[0].arm} − {slices[0].baseline}")
    axes.grid(axis="x", alpha=0.3)
    return figure


def _errors(means: Sequence[float], intervals: Sequence[tuple[float, float]]) -> list[list[float]]:
    """Distances to both ends, never negative: a percentile interval need not hold the mean."""
    below = [max(0.0, mean - low) for mean, (low, _) in zip(means, intervals, strict=True)]
    above = [max(0.0, high - mean) for mean, (_, high) in zip(means, intervals, strict=True)]
    return [below, above]
