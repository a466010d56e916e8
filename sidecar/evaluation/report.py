"""What was measured, as JSON for machines and as a table for people."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from sidecar.evaluation.comparison import Comparison, compare
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.measures import MEASURES, Values, measure
from sidecar.evaluation.run import ArmRun


@dataclass(frozen=True)
class Report:
    """Means of every arm, and every later arm against the first."""

    queries: int
    arms: Mapping[str, Mapping[str, float]]
    comparisons: Sequence[Comparison]
    incomplete: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        return {
            "queries": self.queries,
            "arms": {arm: dict(means) for arm, means in self.arms.items()},
            "comparisons": [{**asdict(found), "ci95": list(found.ci95)} for found in self.comparisons],
            "incomplete": dict(self.incomplete),
        }

    def table(self) -> Table:
        """One row an arm; differences to the first arm with their 95 % interval."""
        table = Table(title=f"{self.queries} queries")
        table.add_column("arm")
        for metric in MEASURES:
            table.add_column(metric, justify="right")
        for arm, means in self.arms.items():
            table.add_row(arm, *(f"{means[metric]:.4f}" for metric in MEASURES))
            differences = {found.metric: found for found in self.comparisons if found.arm == arm}
            if differences:
                baseline = differences[next(iter(MEASURES))].baseline
                table.add_row(
                    f"  − {baseline}", *(_cell(differences[metric]) for metric in MEASURES), style="dim"
                )
        return table


def _cell(found: Comparison) -> str:
    low, high = found.ci95
    return f"{found.delta:+.4f} [{low:+.4f}, {high:+.4f}] p={found.p:.3g}"


def report_on(queries: Sequence[JudgedQuery], runs: Sequence[ArmRun], *, seed: int = 0) -> Report:
    """Measure the runs; the first is the baseline of all others."""
    values: dict[str, Mapping[str, Values]] = {run.arm.name: measure(queries, run.rankings) for run in runs}
    baseline, *others = values
    comparisons = [
        compare(arm, baseline, metric, values[arm][metric], values[baseline][metric], seed=seed)
        for arm in others
        for metric in MEASURES
    ]
    means = {
        arm: {metric: float(found.mean()) for metric, found in measured.items()}
        for arm, measured in values.items()
    }
    incomplete = {run.arm.name: len(run.incomplete) for run in runs if run.arm.needs_pipeline}
    return Report(len(queries), means, comparisons, incomplete)
