"""What the arms need before they can run: checkpoint, graphs, built models, Tritons, processes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sidecar.benchmark.model.arm_process import ArmFailed, ArmProcess
from sidecar.benchmark.model.arms import Arm, OwnArm, PeerArm
from sidecar.benchmark.model.environments import PeerMissing, peer_command, thread_environment
from sidecar.inference.encoder import usable_cores
from sidecar.model.build import build_model
from sidecar.model.weights import DEFAULT
from sidecar.stack.triton import ensure_triton
from sidecar.stack.triton_process import TritonProcess

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Weights:
    """What is measured, as `reshelf model build` takes it; `cache` is where downloaded weights are kept."""

    weights: str
    adapter: str
    cache: Path
    vectors: str = DEFAULT


@dataclass(slots=True)
class Bed:
    """Arms at work, by name in the order wanted, and those that are not, with the reason."""

    arms: dict[str, ArmProcess]
    missing: dict[str, str]


def prepare_graphs(
    checkpoint: Path, arms: Sequence[Arm], max_length: int, samples: Sequence[tuple[str, str]]
) -> dict[str, str]:
    """Has the peers' libraries make the graphs that these arms load; graphs that could not be made, with the
    reason. `samples`: pairs to calibrate with."""
    wanted = {arm.graph for arm in arms if isinstance(arm, PeerArm) and arm.graph}
    if all((checkpoint / graph).is_file() for graph in wanted):
        return {}
    pairs = checkpoint / "calibration.jsonl"
    pairs.write_text("".join(json.dumps(pair) + "\n" for pair in samples), encoding="utf-8")
    try:
        command = peer_command("peers", "prepare", [str(checkpoint), str(max_length), str(pairs)])
    except PeerMissing as error:
        return dict.fromkeys(wanted, str(error))
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=thread_environment(usable_cores()),
    )
    if done.returncode:
        return dict.fromkeys(wanted, f"the graphs cannot be made: {done.stderr.strip()[-300:]}")
    return {str(graph): str(reason) for graph, reason in json.loads(done.stdout).items()}


@contextmanager
def arms_at_work(
    arms: Sequence[Arm],
    weights: Weights,
    checkpoint: Path,
    folder: Path,
    max_length: int,
    threads: int,
    unmade: dict[str, str],
    tell: Tell,
) -> Iterator[Bed]:
    """Start all of them, each within `threads` cores, and end them again. `folder` is for what is built;
    `unmade` are graphs that are not there. An arm that cannot start is missing, with its reason."""
    bed = Bed({}, {})
    with ExitStack() as stack:
        tritons: dict[str, str] = {}
        for arm in arms:
            tell(arm.name)
            try:
                if isinstance(arm, OwnArm):
                    command = _own_command(arm, weights, folder, max_length, threads, tritons, stack)
                else:
                    command = _peer_command(arm, checkpoint, max_length, threads, unmade)
                log = folder / "logs" / f"{arm.name.replace(' ', '-').replace(',', '')}.log"
                process = ArmProcess(arm.name, command, thread_environment(threads), log)
                bed.arms[arm.name] = stack.enter_context(process)
            except (PeerMissing, ArmFailed) as error:
                bed.missing[arm.name] = str(error)
        yield bed


def _peer_command(
    arm: PeerArm, checkpoint: Path, max_length: int, threads: int, unmade: dict[str, str]
) -> list[str]:
    if arm.graph and (reason := unmade.get(arm.graph)):
        raise PeerMissing(reason)
    arguments = [arm.module, arm.function, str(checkpoint), str(max_length), str(threads)]
    return peer_command(arm.environment, "worker", arguments)


def _own_command(
    arm: OwnArm,
    weights: Weights,
    folder: Path,
    max_length: int,
    threads: int,
    tritons: dict[str, str],
    stack: ExitStack,
) -> list[str]:
    repository = folder / "models" / f"{arm.precision}-{max_length}"
    built = build_model(
        repository,
        cache=weights.cache,
        weights=weights.weights,
        adapter=weights.adapter,
        vectors=weights.vectors,
        precision=arm.precision,
        max_length=max_length,
    )
    if arm.way == "in process":
        where = str(built.folder)
    else:
        if arm.precision not in tritons:
            process = TritonProcess(
                folder / "triton" / repository.name,
                ensure_triton(),
                repository,
                name=f"triton-{arm.precision}",
            )
            with _cores(threads):
                tritons[arm.precision] = stack.enter_context(process).grpc_address
        where = tritons[arm.precision]
    way = "triton" if arm.way == "triton" else "process"
    module = "sidecar.benchmark.model.own_worker"
    return [sys.executable, "-P", "-m", module, way, where, str(max_length), str(threads)]


@contextmanager
def _cores(count: int) -> Iterator[None]:
    """Servers started inside may use that many cores; they inherit this from us."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
