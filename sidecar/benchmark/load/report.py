"""The figures under load as tables for people."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from sidecar.benchmark.load.eventful import Eventful
from sidecar.benchmark.load.goodput import Goodput
from sidecar.benchmark.load.run import OFF, Found

COLUMNS = ("", "offered/s", "goodput/s", "in full", "p50 / p99 ms", "degraded", "late", "failed", "mixed")


def show_load(console: Console, found: Found) -> None:
    """Steps of each arm, cold runs, events."""
    for name, figures in found.saturation.items():
        title = f"{name}: best goodput {figures.best:.1f}/s, 95 % in full up to {figures.kept_up:.1f}/s"
        console.print(
            _table(title, [(f"step {number}", step) for number, step in enumerate(figures.steps, 1)])
        )
    if found.cold:
        console.print(_table("from empty caches", list(found.cold.items())))
    for line in comparisons(found):
        console.print(line, highlight=False)
    for run in found.eventful:
        parts = [("before", run.before), ("during", run.during), ("after", run.after), ("whole", run.whole)]
        console.print(_table(f"{run.name}, {run.rate:.1f} searches a second, with events", parts))
        for line in happenings(run):
            console.print(line, highlight=False, markup=False)


def comparisons(found: Found) -> list[str]:
    """How many times the goodput without caches each arm has."""
    off = next((figures for name, figures in found.saturation.items() if name.startswith(OFF)), None)
    if off is None:
        return []
    return [
        f"{name}: {figures.best / off.best:.1f} times the goodput with the caches off"
        if off.best
        else f"{name}: with the caches off no search is reranked in full"
        for name, figures in found.saturation.items()
        if figures is not off
    ]


def happenings(run: Eventful) -> list[str]:
    """What happened, and how long it was felt."""
    lines = []
    for one in run.happened:
        back = "not back to full reranking" if one.back is None else f"full reranking after {one.back:.1f} s"
        status = (
            ""
            if one.event.status == 0
            else f", exit code {one.event.status}: {one.event.told.strip()[-300:]}"
        )
        lines.append(f"at {one.event.at:g} s: {one.event.what} (took {one.event.took} s{status}): {back}")
    lines.append(f"p99 during: {run.during.p99 - run.before.p99:+.1f} ms; models: {run.whole.models}")
    lines.append(f"answers of a query and model unlike others of the same: {run.whole.unlike}")
    return lines


def _table(title: str, rows: Sequence[tuple[str, Goodput]]) -> Table:
    table = Table(*COLUMNS, title=title)
    for name, found in rows:
        table.add_row(
            name,
            f"{found.offered:.1f}",
            f"{found.goodput:.1f}",
            f"{found.answered_in_full:.1%}",
            f"{found.p50:.0f} / {found.p99:.0f}",
            str(found.kinds["degraded"]),
            str(found.kinds["late"]),
            str(found.kinds["failed"]),
            str(found.mixed),
        )
    return table
