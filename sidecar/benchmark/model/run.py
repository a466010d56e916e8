"""The whole comparison, in the order in which it is told."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.benchmark.model.arm_process import ArmFailed
from sidecar.benchmark.model.arms import Arm
from sidecar.benchmark.model.bed import Bed, Tell, Weights, arms_at_work, prepare_graphs
from sidecar.benchmark.model.checkpoint import write_checkpoint
from sidecar.benchmark.model.figures import ScenarioFigures
from sidecar.benchmark.model.gemm import GemmProbe
from sidecar.benchmark.model.judged import JudgedRequest, ndcg_of
from sidecar.benchmark.model.speed import MOST_ROUNDS, WARM_UPS, run_rounds
from sidecar.benchmark.model.summary import summarized
from sidecar.benchmark.model.work_done import WorkMeter
from sidecar.benchmark.model.workload import Catalogue, Request, Scenario, requests

CALIBRATION_PAIRS = 64


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is compared, on what, for how long: `seconds` a scenario and thread budget, warm-up apart."""

    arms: Sequence[Arm]
    scenarios: Sequence[Scenario]
    threads: Sequence[int]
    seconds: float
    weights: Weights
    folder: Path


def compare_models(
    wanted: Wanted,
    catalogue: Catalogue,
    queries: Sequence[str],
    judged: Sequence[JudgedRequest],
    tell: Tell,
    keep: Callable[[dict[str, Any]], None] = lambda _: None,
) -> dict[str, Any]:
    """Every scenario at every thread budget; nDCG@10 of each arm where `judged` holds something.

    `keep` is given the figures so far after every scenario: a run takes long, and may be cut off. Raises
    ModelError and StackError where our own arms cannot be made.
    """
    found: list[ScenarioFigures] = []
    quality: dict[str, float] = {}
    data = {
        "machine": machine(),
        "weights": {"weights": wanted.weights.weights, "adapter": wanted.weights.adapter},
        "scenarios": found,
        "ndcg@10": quality,
        "judged_queries": len(judged),
    }
    by_length = sorted(wanted.scenarios, key=lambda scenario: scenario.max_length)
    for max_length, group in groupby(by_length, key=lambda scenario: scenario.max_length):
        scenarios = list(group)
        checkpoint = write_checkpoint(
            wanted.folder / "checkpoints",
            cache=wanted.weights.cache,
            weights=wanted.weights.weights,
            adapter=wanted.weights.adapter,
            max_length=max_length,
        )
        tell("the peers' graphs")
        samples = _calibration(scenarios[0], catalogue, queries)
        unmade = prepare_graphs(checkpoint, wanted.arms, max_length, samples)
        for threads in wanted.threads:
            with arms_at_work(
                wanted.arms, wanted.weights, checkpoint, wanted.folder, max_length, threads, unmade, tell
            ) as bed:
                for scenario in scenarios:
                    tell(f"{scenario.name}, {threads} threads")
                    asked = requests(scenario, catalogue, queries, WARM_UPS + MOST_ROUNDS)
                    found.append(_measured(wanted, scenario, threads, bed, checkpoint, asked))
                    keep(data)
                if judged and not quality:
                    quality |= _quality(bed, judged, tell)
                    keep(data)
    return data


def _measured(
    wanted: Wanted, scenario: Scenario, threads: int, bed: Bed, checkpoint: Path, asked: Sequence[Request]
) -> ScenarioFigures:
    samples = run_rounds(bed.arms, asked, GemmProbe(threads), wanted.seconds)
    meter = WorkMeter(checkpoint, scenario.max_length)
    works = [meter.of(request) for request in asked[WARM_UPS : WARM_UPS + samples.rounds]]
    versions = {name: arm.versions for name, arm in bed.arms.items()}
    return summarized(scenario, threads, wanted.arms, samples, works, versions, bed.missing)


def _quality(bed: Bed, judged: Sequence[JudgedRequest], tell: Tell) -> dict[str, float]:
    """nDCG@10 by arm; one that fails has none."""
    found = {}
    for name, arm in bed.arms.items():
        tell(f"nDCG of {name}")
        try:
            scores: Mapping[int, NDArray[np.float32]] = {
                number: arm.score(one.request).scores for number, one in enumerate(judged)
            }
        except ArmFailed:
            continue
        found[name] = round(ndcg_of(judged, scores), 4)
    return found


def _calibration(scenario: Scenario, catalogue: Catalogue, queries: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of another seed than those that are measured."""
    asked = requests(scenario, catalogue, queries, CALIBRATION_PAIRS, seed=1)
    return [(request.query, request.texts[0]) for request in asked]


def machine() -> dict[str, Any]:
    """What the figures are of; names the processor and nothing else that could tell whose machine it is."""
    name = platform.processor() or platform.machine()
    flags = ""
    path = Path("/proc/cpuinfo")
    if path.is_file():
        lines = path.read_text(encoding="utf-8").splitlines()
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        flags = next((line.partition(":")[2] for line in lines if line.startswith("flags")), "")
        name = named[0] if named else name
    wide = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8") if flag in flags]
    return {
        "processor": name,
        "cores": os.cpu_count(),
        "instructions": wide,
        "python": platform.python_version(),
    }
