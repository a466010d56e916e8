"""The figures as tables for people and as plain data for machines."""

from dataclasses import asdict, is_dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from sidecar.benchmark.paired import Difference, Latency


def plain_data(value: Any) -> Any:
    """`value` with its dataclasses as dictionaries, ready for JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, dict):
        return {key: plain_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(item) for item in value]
    return value


def show_overhead(console: Console, rows: list[dict[str, Any]]) -> None:
    """Plain search against the order-keeping path, and that under rules where it was measured."""
    ruled = "rules" in rows[0]
    table = Table(
        "k", "hits asked", "clients", "searches", "plain p50/p95/p99", "reshelf p50/p95/p99",
        "overhead (median of pairs, 95 %)", "A/A control", "sidecar CPU",
        *(["under rules p50/p95/p99", "rules (median of pairs, 95 %)"] if ruled else []),
        title="Overhead of plugin + gRPC + sidecar, order-keeping scorer (milliseconds)",
    )  # fmt: skip
    for row in rows:
        table.add_row(
            str(row["k"]),
            row["page"] if row["page"] != "window" else str(row["k"]),
            str(row["clients"]),
            f"{row['searches']:,}" + (f", {row['failures']} failed" if row["failures"] else ""),
            _latency(row["plain"]),
            _latency(row["reshelf"]),
            _difference(row["overhead"]),
            f"{row['control'].median_ms:+.2f}",
            f"{row['sidecar_cpu_ms']:.2f}",
            *([_latency(row["ruled"]), _difference(row["rules"])] if ruled else []),
        )
    console.print(table)


def show_dead(console: Console, result: dict[str, Any]) -> None:
    """Plain search against the path with a dead sidecar."""
    table = Table(
        "sidecar", "until the breaker opened", "plain p50/p95/p99", "reshelf p50/p95/p99",
        "overhead (median of pairs, 95 %)",
        title=f"Dead sidecar: {result['searches']:,} searches, {result['failures']} failed, "
        f"deadline {result['deadline_ms']} ms (milliseconds)",
    )  # fmt: skip
    for name in ("killed", "frozen"):
        row = result[name]
        first = f"{len(row['first_ms'])} searches, slowest {max(row['first_ms'])}"
        table.add_row(
            name, first, _latency(row["plain"]), _latency(row["reshelf"]), _difference(row["overhead"])
        )
    console.print(table)


def show_model(console: Console, result: dict[str, Any]) -> None:
    """Searches with the model, by state of the caches."""
    table = Table(
        "caches", "searches", "reranked", "partly", "plain p50/p95/p99", "reshelf p50/p95/p99",
        "extra (median of pairs, 95 %)", "sidecar CPU",
        title=f"With the model on Triton, k = {result['k']} (milliseconds)",
    )  # fmt: skip
    for name in ("cold", "new query", "same again"):
        row = result[name]
        table.add_row(
            name, str(row["searches"]), str(row["reranked"]), str(row["partly"]), _latency(row["plain"]),
            _latency(row["reshelf"]), _difference(row["extra"]), f"{row['sidecar_cpu_ms']:.2f}",
        )  # fmt: skip
    console.print(table)
    shares = Table("part of a warm search", "median", title="Where a search's time goes (milliseconds)")
    for name, took in result["shares"].items():
        shares.add_row(name, f"{took:.2f}")
    console.print(shares)


def _latency(latency: Latency) -> str:
    return f"{latency.p50:.1f} / {latency.p95:.1f} / {latency.p99:.1f}"


def _difference(difference: Difference) -> str:
    low, high = difference.ci95
    return f"{difference.median_ms:+.2f} [{low:+.2f}, {high:+.2f}]"
