"""Run the steps of a make target, saying what runs and about how long is left.

Usage: python3 scripts/steps.py TARGET "NAME=COMMAND" ["NAME=COMMAND" …]

A step whose name begins with "+" runs beside those that follow it where there are two cores; what it says is
shown at the end. It is let finish when another one fails, so that one run tells all that fails.

Needs nothing but Python's standard library, since it runs before anything is installed. How long each
step took last time is kept under the cache folder ($RESHELF_CACHE, else ~/.cache/reshelf).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A name to tell, what the shell is to run, and whether that is beside the steps that follow."""

    name: str
    command: str
    beside: bool


def step_of(pair: str) -> Step:
    """A step as it is given."""
    name, command = pair.split("=", 1)
    return Step(name.removeprefix("+").strip(), command, beside=name.startswith("+") and cores() > 1)


def durations_file() -> Path:
    """Where the last durations are kept, in seconds by target and step."""
    cache = os.environ.get("RESHELF_CACHE") or Path.home() / ".cache" / "reshelf"
    return Path(cache) / "durations.json"


def load_durations() -> dict[str, float]:
    """The last durations; empty when there are none, or the file is damaged."""
    try:
        known = json.loads(durations_file().read_text())
    except (OSError, ValueError):
        return {}
    return {str(key): float(value) for key, value in known.items()} if isinstance(known, dict) else {}


def save_duration(key: str, seconds: float) -> None:
    """Remember one duration; a cache that cannot be written is no reason to fail."""
    known = load_durations() | {key: round(seconds, 1)}
    try:
        durations_file().parent.mkdir(parents=True, exist_ok=True)
        temporary = durations_file().with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(known, indent=1, sort_keys=True))
        temporary.replace(durations_file())
    except OSError:
        pass


def spoken(seconds: float) -> str:
    """A duration as people say it."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def left(known: dict[str, float], target: str, steps: list[Step]) -> str:
    """About how long these steps take, or that it is not known yet."""
    if any(f"{target}/{step.name}" not in known for step in steps):
        return "time not known yet"
    beside = [known[f"{target}/{step.name}"] for step in steps if step.beside]
    others = sum(known[f"{target}/{step.name}"] for step in steps if not step.beside)
    return f"about {spoken(max([others, *beside]))} left"


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Running:
    """A step that was started. What one beside others says is kept, so that they are not mixed."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.took = 0.0
        self._said = tempfile.TemporaryFile() if step.beside else None  # noqa: SIM115 - lives as long
        self._process = subprocess.Popen(
            ["sh", "-c", step.command], stdout=self._said, stderr=subprocess.STDOUT if step.beside else None
        )
        # It may end long before somebody asks.
        self._watch = threading.Thread(target=self._time, args=[time.monotonic()])
        self._watch.start()

    def _time(self, begin: float) -> None:
        self._process.wait()
        self.took = time.monotonic() - begin

    def finish(self) -> int:
        """Waits for its end and shows what was kept; its exit status, 0 where all went well."""
        self._watch.join()
        if self._said is not None:
            print(f"\n── {self.step.name}, which ran beside, said:", flush=True)
            self._said.seek(0)
            shutil.copyfileobj(self._said, sys.stdout.buffer)
            sys.stdout.flush()
        return abs(self._process.returncode)


def finished(target: str, running: Running) -> int:
    """The exit status of a step, once it has one: with the time it took remembered, or its failure told."""
    code, step = running.finish(), running.step
    if code == 0:
        save_duration(f"{target}/{step.name}", running.took)
    else:
        print(
            f"\n✗ {target}: “{step.name}” failed after {spoken(running.took)} (exit {code}): {step.command}",
            file=sys.stderr,
        )
    return code


def main() -> int:
    target, *pairs = sys.argv[1:]
    steps = [step_of(pair) for pair in pairs]
    begin = time.monotonic()
    beside: list[Running] = []
    failed = 0
    for number, step in enumerate(steps, 1):
        remaining = left(load_durations(), target, steps[number - 1 :])
        print(f"\n── {target} [{number}/{len(steps)}] {step.name} ({remaining})", flush=True)
        running = Running(step)
        if step.beside:
            beside.append(running)
        elif failed := finished(target, running):
            break
    for running in beside:
        failed = finished(target, running) or failed
    if failed:
        return failed
    print(f"\n✓ {target}: done in {spoken(time.monotonic() - begin)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
