"""The cascade's figures as tables for people."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from sidecar.benchmark.cascade.arms import BASELINES
from sidecar.benchmark.cascade.figures import ArmFigures
from sidecar.benchmark.cascade.ranker import Done


def quality_table(rows: Sequence[ArmFigures]) -> Table:
    """nDCG@10 and what is lost of it."""
    table = Table(
        "", "nDCG@10", title="What is lost: paired differences with their 95 %", title_justify="left"
    )
    for name in BASELINES:
        table.add_column(f"against `{name}`")
        table.add_column("lost")
    for row in rows:
        cells = []
        for name in BASELINES:
            found = row.against.get(name)
            if found is None:
                cells += ["", ""]
                continue
            low, high = found.ci95
            cells += [f"{found.delta:+.4f} [{low:+.4f}, {high:+.4f}]", f"{row.lost(name):.2%}"]
        table.add_row(row.name, f"{row.ndcg:.4f}", *cells)
    return table


def time_table(rows: Sequence[ArmFigures]) -> Table:
    """Whether the deadline was kept, and how much was done within it."""
    table = Table(
        "", "searches", "in time", "p50 / p99 / max ms", "hits read", *[done.value for done in Done],
        title="What is kept: time, and how far a search came", title_justify="left",
    )  # fmt: skip
    for row in rows:
        table.add_row(
            row.name,
            str(row.searches),
            "" if row.in_time is None else f"{row.in_time / row.searches:.1%}",
            f"{row.p50_ms:.1f} / {row.p99_ms:.1f} / {row.max_ms:.1f}",
            f"{row.read:.1f}",
            *[f"{row.done[done.value] / row.searches:.1%}" for done in Done],
        )
    return table


def token_costs(costs: Mapping[str, float]) -> str:
    """What the engine has learned, in words."""
    told = [f"{seconds * 1e6:.0f} µs a token of a {what}" for what, seconds in costs.items()]
    return f"The engine reckons with {', '.join(told)}, on one core."
