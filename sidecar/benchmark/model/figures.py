"""What is known of an arm in a scenario, once it was measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.benchmark.model.arms import Arm
from sidecar.benchmark.model.gemm import Peak
from sidecar.benchmark.model.parity import Parity
from sidecar.benchmark.paired import Ratio


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One row of a scenario's table. `against_own`: its time over that of ours on Triton with the same
    precision; `against_int8`: over ours on Triton in int8. None where that arm did not run."""

    arm: Arm
    versions: str
    ms: float
    pairs_per_second: float
    against_own: Ratio | None
    against_int8: Ratio | None
    padding_efficiency: float
    share_of_peak: float
    parity: Parity
    seconds: Sequence[float]


@dataclass(frozen=True, slots=True)
class ScenarioFigures:
    """One scenario at one thread budget. `missing`: arms that did not run, with the reason. `control`: our
    int8 arm against itself, which tells how much of a ratio is noise."""

    name: str
    k: int
    max_length: int
    threads: int
    rounds: int
    tokens_a_pair: float
    peak: Peak
    control: Ratio | None
    rows: Sequence[ArmFigures]
    missing: dict[str, str]
