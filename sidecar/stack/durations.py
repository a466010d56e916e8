"""How long things took the last time, so that people can be told how long they will wait."""

import json
import os
from pathlib import Path

from sidecar.stack.paths import cache_folder


def _file() -> Path:
    # The same file and format as scripts/steps.py, which runs before this package is installed.
    return cache_folder() / "durations.json"


def known_durations() -> dict[str, float]:
    """Seconds by name. Empty when nothing is known, or the file is damaged."""
    try:
        known = json.loads(_file().read_text())
        return {str(key): float(value) for key, value in known.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def remember_durations(durations: dict[str, float]) -> None:
    """Add to what is known. A cache that cannot be written is no reason to fail."""
    known = known_durations() | {key: round(seconds, 1) for key, seconds in durations.items()}
    temporary = _file().with_suffix(f".{os.getpid()}")
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(known, indent=1, sort_keys=True))
        temporary.replace(_file())
    except OSError:
        temporary.unlink(missing_ok=True)
