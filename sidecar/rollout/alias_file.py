"""Read and write the alias file: one command at a time, each change in one step."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sidecar.config.alias import HISTORY, Alias, Step, read_alias
from sidecar.config.errors import ConfigurationError
from sidecar.rollout.errors import RolloutError


def current_alias(path: Path) -> Alias:
    """What the file says now. Raises RolloutError where it is damaged."""
    try:
        return read_alias(path)
    except ConfigurationError as error:
        raise RolloutError(f"{error} Sidecars keep the model that they have; mend the file.") from error


def write_alias(path: Path, alias: Alias) -> None:
    """Replaces the file: a sidecar sees the old content or the new one, never half of it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("w", encoding="utf-8") as file:
        file.write(alias.model_dump_json(indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def noted(
    alias: Alias, action: Literal["deploy", "promote", "rollback", "shadow"], model: str, **changes: object
) -> Alias:
    """The alias with changes and a line more of history, checked as a whole."""
    step = Step(at=datetime.now(UTC).isoformat(timespec="seconds"), action=action, model=model)
    history = (*alias.history, step)[-HISTORY:]
    return Alias.model_validate({**dict(alias), **changes, "history": history})


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Holds the alias: a second command is refused. Raises RolloutError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f".{path.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RolloutError(
                    f"another `reshelf model` command is at work on {path}. Wait for it to end."
                ) from None
            yield
    except OSError as error:
        raise RolloutError(f"{path}: cannot be written: {error}. Name another file with --alias.") from error
