"""Goodput by offered rate, and the share reranked in full around events."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sidecar.benchmark.load.eventful import Eventful
from sidecar.benchmark.load.goodput import BIN_S
from sidecar.benchmark.load.run import Found


def draw_load(path: Path, found: Found) -> None:
    """An SVG with one panel for all steps and one for each run with events."""
    panels = bool(found.saturation) + len(found.eventful)
    if not panels:
        return
    figure = Figure(figsize=(7, 3.2 * panels), layout="constrained")
    axes = list(figure.subplots(panels, 1, squeeze=False)[:, 0])
    if found.saturation:
        _steps(axes.pop(0), found)
    for run in found.eventful:
        _events(axes.pop(0), run)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without a fixed salt and date, two drawings of the same figures would differ.
    with mpl.rc_context({"svg.hashsalt": "reshelf", "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None})


def _steps(axes: Axes, found: Found) -> None:
    most = 0.0
    for name, figures in found.saturation.items():
        offered = [step.offered for step in figures.steps]
        axes.plot(offered, [step.goodput for step in figures.steps], marker="o", label=name)
        most = max(most, *offered)
    axes.plot([0.5, most], [0.5, most], color="black", linewidth=0.6, linestyle="--")
    axes.set_xscale("log")
    axes.set_yscale("symlog", linthresh=1)
    axes.set_xlabel("searches offered a second (dashed: all reranked in full and in time)")
    axes.set_ylabel("goodput a second")
    axes.grid(alpha=0.3)
    axes.legend()


def _events(axes: Axes, run: Eventful) -> None:
    known = [(place * BIN_S, share) for place, share in enumerate(run.shares) if share is not None]
    axes.step([at for at, _ in known], [share for _, share in known], where="post")
    for one in run.happened:
        axes.axvline(one.event.at, color="#b5403a", linestyle="--", linewidth=1)
        axes.text(one.event.at, 0.02, f" {one.event.what[:40]}", fontsize=7, rotation=90, va="bottom")
    axes.set_ylim(0, 1.05)
    axes.set_xlabel(f"seconds ({run.name}, {run.rate:.1f} searches a second)")
    axes.set_ylabel("share in full and in time")
    axes.grid(alpha=0.3)
