"""The interleaved run of one scenario: every request through every arm, back to back."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from sidecar.benchmark.model.arm_process import ArmFailed, ArmProcess
from sidecar.benchmark.model.gemm import GemmProbe, Peak
from sidecar.benchmark.model.workload import Request

WARM_UPS = 2
LEAST_ROUNDS = 4
MOST_ROUNDS = 60


@dataclass(slots=True)
class Samples:
    """Seconds and scores by arm, in the order of the requests; the machine's peak in between."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    scores: dict[str, list[NDArray[np.float32]]] = field(default_factory=dict)
    peaks: list[Peak] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        """How many requests every arm has answered."""
        return len(self.peaks)

    def peak(self) -> Peak:
        """The median of the probes."""
        return Peak(median(peak.fp32 for peak in self.peaks), median(peak.int8 for peak in self.peaks))


def run_rounds(
    arms: Mapping[str, ArmProcess],
    requests: Sequence[Request],
    probe: GemmProbe,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    progress: Callable[[], None] = lambda: None,
) -> Samples:
    """One request a round, in every arm, until `seconds` are spent (but 4 rounds at least).

    The first requests, two, or one where that takes long, warm everything up and are not kept. The order of
    the arms is reversed in every other round (ABBA). An arm that fails is left out from there on, with its
    reason.
    """
    if len(requests) <= WARM_UPS + LEAST_ROUNDS:
        raise ValueError(f"{len(requests)} requests: give more than {WARM_UPS + LEAST_ROUNDS}")
    alive = dict(arms)
    samples = Samples({name: [] for name in arms}, {name: [] for name in arms})
    begin = clock()
    for request in requests[:WARM_UPS]:
        if request is requests[0] or clock() - begin < seconds / 4:
            _ask(alive, list(alive), request, samples, keep=False)
    until = clock() + seconds
    for number, request in enumerate(requests[WARM_UPS : WARM_UPS + MOST_ROUNDS]):
        if number >= LEAST_ROUNDS and clock() >= until:
            break
        order = list(alive) if number % 2 == 0 else list(alive)[::-1]
        _ask(alive, order, request, samples, keep=True)
        samples.peaks.append(probe.measure())
        progress()
    return samples


def _ask(
    alive: dict[str, ArmProcess], order: Sequence[str], request: Request, samples: Samples, *, keep: bool
) -> None:
    for name in order:
        try:
            answer = alive[name].score(request)
        except ArmFailed as error:
            samples.failed[name] = str(error)
            del alive[name], samples.seconds[name], samples.scores[name]
            continue
        if keep:
            samples.seconds[name].append(answer.seconds)
            samples.scores[name].append(answer.scores)
