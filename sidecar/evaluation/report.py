"""What was measured, as JSON for machines and as tables for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.markup import escape
from rich.table import Table

from sidecar.evaluation.comparison import Comparison, bootstrap, compare
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.measured import Measured, measured
from sidecar.evaluation.measures import MEASURES, PRIMARY
from sidecar.evaluation.per_query import Change, largest_changes
from sidecar.evaluation.run import ArmRun
from sidecar.evaluation.slices import SLICERS, Slice, Slicer, sliced


@dataclass(frozen=True)
class Report:
    """Means of every arm, and every later arm against the first, whole and in slices.

    `intervals` are the 95 % intervals of the means of nDCG@10. `wins` and `losses` hold the largest
    changes of each later arm.
    """

    queries: int
    arms: Mapping[str, Mapping[str, float]]
    comparisons: Sequence[Comparison]
    incomplete: Mapping[str, int]
    intervals: Mapping[str, tuple[float, float]]
    versions: Mapping[str, Mapping[str, list[str]]]
    slices: Sequence[Slice]
    wins: Mapping[str, Sequence[Change]]
    losses: Mapping[str, Sequence[Change]]
    measured: Measured = field(repr=False)

    def comparison(self, arm: str, metric: str = PRIMARY) -> Comparison:
        """The arm against the baseline."""
        return next(found for found in self.comparisons if (found.arm, found.metric) == (arm, metric))

    def to_json(self) -> dict[str, Any]:
        return {
            "queries": self.queries,
            "arms": {arm: dict(means) for arm, means in self.arms.items()},
            "comparisons": [{**asdict(found), "ci95": list(found.ci95)} for found in self.comparisons],
            "incomplete": dict(self.incomplete),
            "intervals": {arm: list(interval) for arm, interval in self.intervals.items()},
            "versions": {arm: dict(found) for arm, found in self.versions.items()},
            "slices": [
                {**asdict(found), "ci95": None if found.ci95 is None else list(found.ci95)}
                for found in self.slices
            ],
            "wins": {arm: [change.to_json() for change in found] for arm, found in self.wins.items()},
            "losses": {arm: [change.to_json() for change in found] for arm, found in self.losses.items()},
        }

    def tables(self) -> Iterator[Table]:
        """The arms; then, of the last arm against the first, the slices and the largest changes."""
        yield self._means()
        if self.measured.others:
            arm = self.measured.others[-1]
            yield self._slices(arm)
            yield self._changes(f"best wins of {arm}", self.wins[arm])
            yield self._changes(f"worst losses of {arm}", self.losses[arm])

    def _means(self) -> Table:
        """One row an arm; differences to the first arm with their 95 % interval."""
        table = Table(title=f"{self.queries} queries")
        table.add_column("arm", overflow="fold")
        for metric in MEASURES:
            table.add_column(metric, justify="right")
        for arm, means in self.arms.items():
            table.add_row(escape(arm), *(f"{means[metric]:.4f}" for metric in MEASURES))
            if arm in self.measured.others:
                found = [self.comparison(arm, metric) for metric in MEASURES]
                cells = [_cell(one) for one in found]
                table.add_row(escape(f"  − {self.measured.baseline}"), *cells, style="dim")
        return table

    def _slices(self, arm: str) -> Table:
        table = Table(title=f"{PRIMARY}, {arm} − {self.measured.baseline}")
        for column in ("slice", "", "queries", self.measured.baseline, arm, "difference"):
            table.add_column(column, justify="left" if column in ("slice", "") else "right")
        for found in self.slices:
            if found.arm == arm:
                interval = _interval(found.ci95) if found.ci95 else "(too few)"
                table.add_row(
                    found.slice,
                    found.value,
                    str(found.n),
                    f"{found.baseline_mean:.4f}",
                    f"{found.mean:.4f}",
                    f"{found.delta:+.4f} {interval}",
                )
        return table

    def _changes(self, title: str, changes: Sequence[Change]) -> Table:
        table = Table(title=title)
        for column in ("query", "from", "to", "difference"):
            table.add_column(column, justify="left" if column == "query" else "right")
        for change in changes:
            table.add_row(
                escape(change.query), f"{change.baseline:.4f}", f"{change.arm:.4f}", f"{change.delta:+.4f}"
            )
        return table


def _cell(found: Comparison) -> str:
    return f"{found.delta:+.4f} {_interval(found.ci95)} p={found.p:.3g}"


def _interval(ci95: tuple[float, float]) -> str:
    return f"\\[{ci95[0]:+.4f}, {ci95[1]:+.4f}]"


def report_on(
    queries: Sequence[JudgedQuery],
    runs: Sequence[ArmRun],
    *,
    slicers: Mapping[str, Slicer] = SLICERS,
    seed: int = 0,
) -> Report:
    """Measure the runs; the first is the baseline of all others."""
    found = measured(queries, runs)
    base = found.values[found.baseline]
    comparisons = [
        compare(arm, found.baseline, metric, found.values[arm][metric], base[metric], seed=seed)
        for arm in found.others
        for metric in MEASURES
    ]
    changes = {arm: largest_changes(found, arm) for arm in found.others}
    return Report(
        queries=len(queries),
        arms={
            arm: {metric: float(values.mean()) for metric, values in by_metric.items()}
            for arm, by_metric in found.values.items()
        },
        comparisons=comparisons,
        incomplete={run.arm.name: len(run.incomplete) for run in runs if run.arm.reranks},
        intervals={arm: bootstrap(of[PRIMARY], seed=seed)[0] for arm, of in found.values.items()},
        versions={run.arm.name: run.versions for run in runs if run.arm.reranks},
        slices=sliced(found, slicers, seed=seed),
        wins={arm: wins for arm, (wins, _) in changes.items()},
        losses={arm: losses for arm, (_, losses) in changes.items()},
        measured=found,
    )
