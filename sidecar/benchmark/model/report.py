"""The comparison as tables for people."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from sidecar.benchmark.model.figures import ArmFigures, ScenarioFigures
from sidecar.benchmark.paired import Ratio

COLUMNS = (
    "arm", "ms", "pairs/s", "time, ours = 1 [95 %]", "time, ours int8 = 1", "real tokens", "of peak",
    "max |Δlogit|", "Spearman", "nDCG@10",
)  # fmt: skip


def show_comparison(console: Console, data: Mapping[str, Any]) -> None:
    """A table a scenario, and why arms are missing."""
    quality = data["ndcg@10"]
    for figures in data["scenarios"]:
        table = Table(*COLUMNS, title=title(figures))
        for row in figures.rows:
            table.add_row(*cells(row, quality))
        console.print(table)
        for name, reason in figures.missing.items():
            console.print(f"not measured: {name}: {reason}", highlight=False, markup=False)


def markdown(data: Mapping[str, Any]) -> str:
    """The same tables for a document."""
    lines = []
    for figures in data["scenarios"]:
        lines += [f"**{title(figures)}**", "", _line(COLUMNS), _line(["---"] * len(COLUMNS))]
        lines += [_line(cells(row, data["ndcg@10"])) for row in figures.rows]
        lines += ["", *(f"Not measured: {name}: {reason}" for name, reason in figures.missing.items()), ""]
    return "\n".join(lines)


def title(figures: ScenarioFigures) -> str:
    """What a table is of, with the noise that it was measured in."""
    control = f", A/A {ratio(figures.control)}" if figures.control else ""
    return (
        f"{figures.name}: {figures.tokens_a_pair:.0f} tokens a pair (max {figures.max_length}), "
        f"{figures.threads} threads, {figures.rounds} rounds, peak {figures.peak.fp32:.0f} GFLOP/s fp32 and "
        f"{figures.peak.int8:.0f} GOP/s int8{control}"
    )


def cells(row: ArmFigures, quality: Mapping[str, float]) -> list[str]:
    """One arm's figures as they stand in a table."""
    return [
        row.arm.name,
        f"{row.ms:.0f}" if row.ms >= 100 else f"{row.ms:.1f}",
        f"{row.pairs_per_second:,.0f}",
        ratio(row.against_own),
        f"{row.against_int8.median:.2f}" if row.against_int8 else "",
        f"{row.padding_efficiency:.0%}",
        f"{row.share_of_peak:.0%}",
        f"{row.parity.largest:.1e}",
        f"{row.parity.spearman:.4f}",
        f"{quality[row.arm.name]:.4f}" if row.arm.name in quality else "",
    ]


def ratio(found: Ratio | None) -> str:
    """1.52 [1.49, 1.55]."""
    return f"{found.median:.2f} [{found.ci95[0]:.2f}, {found.ci95[1]:.2f}]" if found else ""


def _line(parts: Any) -> str:
    return "| " + " | ".join(parts) + " |"
