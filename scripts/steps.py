"""Run the steps of a make target, saying what runs and about how long is left.

Usage: python3 scripts/steps.py TARGET "NAME=COMMAND" ["NAME=COMMAND" …]

Needs nothing but Python's standard library, since it runs before anything is installed. How long each
step took last time is kept under the cache folder ($RESHELF_CACHE, else ~/.cache/reshelf).
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


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


def left(known: dict[str, float], target: str, names: list[str]) -> str:
    """About how long the named steps take, or that it is not known yet."""
    times = [known.get(f"{target}/{name}") for name in names]
    if any(time_taken is None for time_taken in times):
        return "time not known yet"
    return f"about {spoken(sum(filter(None, times)))} left"


def main() -> int:
    target, *pairs = sys.argv[1:]
    steps = [pair.split("=", 1) for pair in pairs]
    names = [name for name, _ in steps]
    started = time.monotonic()
    for number, (name, command) in enumerate(steps, 1):
        remaining = left(load_durations(), target, names[number - 1 :])
        print(f"\n── {target} [{number}/{len(steps)}] {name} ({remaining})", flush=True)
        begin = time.monotonic()
        code = subprocess.call(["sh", "-c", command])
        took = time.monotonic() - begin
        if code != 0:
            print(
                f"\n✗ {target}: “{name}” failed after {spoken(took)} (exit {code}): {command}",
                file=sys.stderr,
            )
            return code if code > 0 else 1
        save_duration(f"{target}/{name}", took)
    print(f"\n✓ {target}: done in {spoken(time.monotonic() - started)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
