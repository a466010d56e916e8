"""Run the steps of a make target, saying what runs and about how long is left.

Usage: python3 scripts/steps.py TARGET "NAME=COMMAND" ["NAME=COMMAND" …]

A step whose name begins with "+" runs beside the one before it where there are two cores; what it says is
shown when both are done. Both are let finish, so that one run tells all that fails.

Needs nothing but Python's standard library, since it runs before anything is installed. How long each
step took last time is kept under the cache folder ($RESHELF_CACHE, else ~/.cache/reshelf).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A name to tell, and what the shell is to run."""

    name: str
    command: str


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


def left(known: dict[str, float], target: str, groups: list[list[Step]]) -> str:
    """About how long these groups of steps take, or that it is not known yet."""
    times = [[known.get(f"{target}/{step.name}") for step in group] for group in groups]
    if any(time_taken is None for group in times for time_taken in group):
        return "time not known yet"
    return f"about {spoken(sum(max(filter(None, group), default=0) for group in times))} left"


def in_groups(pairs: list[str]) -> list[list[Step]]:
    """The steps, those that run beside each other together; each alone where there is one core."""
    groups: list[list[Step]] = []
    for pair in pairs:
        name, command = pair.split("=", 1)
        step = Step(name.removeprefix("+").strip(), command)
        if name.startswith("+") and groups and cores() > 1:
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Running:
    """A step that was started. What one beside another says is kept, so that the two are not mixed."""

    def __init__(self, step: Step, *, beside: bool) -> None:
        self.step = step
        self.took = 0.0
        self.code: int | None = None
        self._said = tempfile.TemporaryFile() if beside else None  # noqa: SIM115 - lives as long
        self._begin = time.monotonic()
        self._process = subprocess.Popen(
            ["sh", "-c", step.command], stdout=self._said, stderr=subprocess.STDOUT if beside else None
        )

    def has_ended(self) -> bool:
        """Whether it has, with `code` and `took` set then."""
        if self.code is None and (code := self._process.poll()) is not None:
            self.code, self.took = code, time.monotonic() - self._begin
        return self.code is not None

    def show(self) -> None:
        """Prints what was kept."""
        if self._said is not None:
            print(f"\n── {self.step.name}, which ran beside, said:", flush=True)
            self._said.seek(0)
            shutil.copyfileobj(self._said, sys.stdout.buffer)
            sys.stdout.flush()


def run(group: list[Step]) -> list[Running]:
    """Starts all of them, and returns when the last has ended."""
    started = [Running(step, beside=number > 0) for number, step in enumerate(group)]
    waiting = started
    while waiting := [step for step in waiting if not step.has_ended()]:
        time.sleep(0.1)
    for step in started:
        step.show()
    return started


def main() -> int:
    target, *pairs = sys.argv[1:]
    groups = in_groups(pairs)
    started = time.monotonic()
    for number, group in enumerate(groups, 1):
        remaining = left(load_durations(), target, groups[number - 1 :])
        name = ", and beside it: ".join(step.name for step in group)
        print(f"\n── {target} [{number}/{len(groups)}] {name} ({remaining})", flush=True)
        ended = run(group)
        failed = [step for step in ended if step.code != 0]
        for step in ended:
            if step.code == 0:
                save_duration(f"{target}/{step.step.name}", step.took)
        for step in failed:
            print(
                f"\n✗ {target}: “{step.step.name}” failed after {spoken(step.took)} (exit {step.code}): "
                f"{step.step.command}",
                file=sys.stderr,
            )
        if failed:
            return max(failed[0].code or 0, 1)
    print(f"\n✓ {target}: done in {spoken(time.monotonic() - started)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
