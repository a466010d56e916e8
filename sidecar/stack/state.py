"""What one running stack is made of, written down so that later commands and a next start know it."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sidecar.stack.errors import StackError
from sidecar.stack.service import Service

FORMAT = 1


@dataclass
class StackState:
    """A stack's scorer, ports and servers. Written to `state.json` in its folder after every change."""

    folder: Path
    scorer: str
    ports: dict[str, int]
    # The content hash of the sources that the installed plugin was built from.
    plugin_sources: str = ""
    services: dict[str, Service] = field(default_factory=dict)

    def is_up(self) -> bool:
        """Whether anything of it runs."""
        return any(service.is_alive() for service in self.services.values())

    def save(self) -> None:
        """Write it in one step: a crash in the middle must not lose the pids."""
        data = {
            "format": FORMAT,
            "scorer": self.scorer,
            "ports": self.ports,
            "plugin_sources": self.plugin_sources,
            "services": {name: service.to_json() for name, service in self.services.items()},
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f".state.{os.getpid()}"
        temporary.write_text(json.dumps(data, indent=1))
        temporary.replace(state_file(self.folder))

    def remove(self) -> None:
        """Forget the stack and what it owned; its logs stay."""
        for service in self.services.values():
            for path in service.owned:
                shutil.rmtree(path, ignore_errors=True)
        state_file(self.folder).unlink(missing_ok=True)


def state_file(folder: Path) -> Path:
    return folder / "state.json"


def load_state(folder: Path) -> StackState | None:
    """The stack of a folder; None if there is none. Raises StackError for a file that is not ours."""
    try:
        data = json.loads(state_file(folder).read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StackError(f"{state_file(folder)} cannot be read: {error}. {_mend(folder)}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise StackError(f"{state_file(folder)} was written by another version of reshelf. {_mend(folder)}")
    services = {name: Service.from_json(service) for name, service in data["services"].items()}
    return StackState(folder, data["scorer"], data["ports"], data["plugin_sources"], services)


def _mend(folder: Path) -> str:
    return f"End the processes it names (`pid`) by hand, then remove {folder}."


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a stack's folder: one command at a time may change a stack. Raises StackError if one does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"another reshelf command is at work on the stack in {folder}. Wait for it to end."
            ) from None
        yield
