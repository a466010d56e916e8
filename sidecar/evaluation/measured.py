"""Every arm's values, query by query: what all reports are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.measures import PRIMARY, Values, measure
from sidecar.evaluation.run import ArmRun


@dataclass(frozen=True)
class Measured:
    """`values[arm][metric]` [queries] in the queries' order. The first arm is the baseline of the others."""

    queries: Sequence[JudgedQuery]
    runs: Sequence[ArmRun]
    values: Mapping[str, Mapping[str, Values]]

    @property
    def baseline(self) -> str:
        return self.runs[0].arm.name

    @property
    def others(self) -> list[str]:
        return [run.arm.name for run in self.runs[1:]]

    def differences(self, arm: str, metric: str = PRIMARY) -> Values:
        """The arm's values minus the baseline's [queries]."""
        return self.values[arm][metric] - self.values[self.baseline][metric]


def measured(queries: Sequence[JudgedQuery], runs: Sequence[ArmRun]) -> Measured:
    """The runs' rankings by every measure."""
    return Measured(queries, runs, {run.arm.name: measure(queries, run.rankings) for run in runs})
