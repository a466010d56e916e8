"""From samples to the figures of a scenario."""

from collections.abc import Mapping, Sequence
from statistics import median

from sidecar.benchmark.model.arms import CONTROL, END_TO_END, IN_PROCESS, REFERENCE, Arm
from sidecar.benchmark.model.figures import ArmFigures, ScenarioFigures
from sidecar.benchmark.model.padding import padded_tokens
from sidecar.benchmark.model.parity import Parity, compare
from sidecar.benchmark.model.speed import Samples
from sidecar.benchmark.model.work_done import Work
from sidecar.benchmark.model.workload import Scenario
from sidecar.benchmark.paired import Ratio


def summarized(
    scenario: Scenario,
    threads: int,
    arms: Sequence[Arm],
    samples: Samples,
    works: Sequence[Work],
    versions: Mapping[str, str],
    missing: Mapping[str, str],
) -> ScenarioFigures:
    """`works`: of each request that was kept, in order."""
    seconds, peak = samples.seconds, samples.peak()
    reference = reference_of(samples)
    rows = []
    for arm in arms:
        if arm.name not in seconds:
            continue
        taken = seconds[arm.name]
        middle = median(taken)
        speed = median(work.flops / took / 1e9 for work, took in zip(works, taken, strict=True))
        rows.append(
            ArmFigures(
                arm=arm,
                versions=versions.get(arm.name, ""),
                ms=round(middle * 1000, 2),
                pairs_per_second=round(scenario.k / middle, 1),
                against_own=_ratio(seconds, arm.name, END_TO_END[arm.precision]),
                against_int8=_ratio(seconds, arm.name, END_TO_END["int8"]),
                padding_efficiency=round(_efficiency(works, arm), 3),
                share_of_peak=round(speed / (peak.int8 if arm.precision == "int8" else peak.fp32), 3),
                parity=compare(samples.scores[arm.name], samples.scores[reference])
                if reference
                else Parity(0.0, 1.0),
                seconds=[round(took, 5) for took in taken],
            )
        )
    tokens = [length for work in works for length in work.lengths]
    return ScenarioFigures(
        name=scenario.name,
        k=scenario.k,
        max_length=scenario.max_length,
        threads=threads,
        rounds=samples.rounds,
        tokens_a_pair=round(sum(tokens) / len(tokens), 1),
        peak=peak,
        control=_ratio(seconds, CONTROL, IN_PROCESS["int8"]),
        rows=rows,
        missing={**missing, **samples.failed},
    )


def reference_of(samples: Samples) -> str | None:
    """Whose scores count as right: torch's, else our own fp32's, else the first arm's."""
    wanted = (REFERENCE, IN_PROCESS["fp32"], END_TO_END["fp32"], *samples.scores)
    return next((name for name in wanted if name in samples.scores), None)


def _ratio(seconds: Mapping[str, Sequence[float]], arm: str, baseline: str) -> Ratio | None:
    if arm not in seconds or baseline not in seconds:
        return None
    return Ratio.of(seconds[arm], seconds[baseline])


def _efficiency(works: Sequence[Work], arm: Arm) -> float:
    real = sum(sum(work.lengths) for work in works)
    return real / sum(padded_tokens(work.lengths, work.characters, arm.batches) for work in works)
