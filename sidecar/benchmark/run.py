"""The whole benchmark, in the order in which it is told."""

import os
import platform
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psutil

from sidecar.benchmark.bed import bench_bed
from sidecar.benchmark.dead_sidecar import measure_dead_sidecar
from sidecar.benchmark.overhead import hits_per_query, measure_overhead
from sidecar.benchmark.with_model import measure_with_model
from sidecar.evaluation.judgments import load_judgments
from sidecar.rules.rule_set import RuleSet
from sidecar.stack.errors import StackError
from sidecar.stack.watch import Watch

Progress = Callable[[str, float], AbstractContextManager[Callable[..., None]]]


def run_benchmark(
    products: Path,
    judgments: Path,
    windows: Sequence[int],
    clients: Sequence[int],
    rounds: int,
    dead_searches: int,
    watch: Watch,
    progress: Progress,
    rules: RuleSet | None = None,
) -> dict[str, Any]:
    """Every figure of the benchmark. Queries that cannot fill the largest window are left out.

    With `rules` the overhead is measured with and without them in the same run.
    """
    queries = [judged.text for judged in load_judgments(judgments)]
    with bench_bed(products, windows, watch, rules) as bed:
        counts = hits_per_query(bed, queries, max(windows))
        full = [query for query, count in zip(queries, counts, strict=True) if count == max(windows)]
        if len(full) < 5:
            raise StackError(
                f"only {len(full)} queries find {max(windows)} hits. Take smaller --windows or more products."
            )
        steps = len(windows) * 2 * len(clients) + 2
        with progress("Measuring", steps) as tick:
            overhead = []
            for row in measure_overhead(bed, full, windows, clients, rounds):
                overhead.append(row)
                tick(len(overhead), f"overhead at k = {row['k']}, {row['clients']} clients")
            window = 100 if 100 in windows else windows[0]
            dead = measure_dead_sidecar(bed, full, window, dead_searches)
            tick(steps - 1, "dead sidecar")
            model = measure_with_model(bed, full, window)
            tick(steps, "with the model")
    return {
        "machine": {
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30),
            "system": platform.platform(terse=True),
            "python": platform.python_version(),
        },
        "queries": len(full),
        "rules": sum(rule.enabled for rule in rules.rules) if rules is not None else 0,
        "overhead": overhead,
        "dead_sidecar": dead,
        "with_model": model,
    }
