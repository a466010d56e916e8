"""One server of the stack: how it is started, where it logs, and whether it is ready."""

import re
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sidecar.config.alias import read_alias
from sidecar.config.errors import ConfigurationError
from sidecar.stack import process
from sidecar.stack.errors import StackError
from sidecar.stack.loopback_http import answers_ok
from sidecar.stack.process import ProcessRecord

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108

LIVE = "{live}"
"""In a canary's address: the model that the alias names."""

READY, NOT_READY, PAUSED, STOPPED, DEAD = "ready", "not ready", "paused", "stopped", "dead"


@dataclass
class Service:
    """A server as it is written to the state file, so that a later command can go on with it."""

    name: str
    command: list[str]
    # On top of the environment of whoever starts it.
    environment: dict[str, str]
    folder: Path
    log: Path
    # All of them answer 200 when the service is ready.
    ready_urls: list[str]
    user: str | None = None
    # Seconds from SIGTERM to SIGKILL.
    grace: float = 20.0
    # A request that must be answered with 200 too, for servers whose health says less than it should.
    canary_url: str = ""
    canary_body: Any = None
    # The file that says what stands for LIVE in `canary_url`; without a live model there is no canary.
    alias: str = ""
    record: ProcessRecord | None = None
    # True once somebody asked for it to be down: then its absence is no fault.
    stopped_on_purpose: bool = False
    # Removed when the stack goes down.
    owned: list[Path] = field(default_factory=list)
    # The start of the names of its shared memory segments; a killed server leaves them behind.
    shared_memory: str = ""

    def start(self) -> None:
        """Start it, or do nothing where it runs. Clears what a dead leader left behind."""
        if self.record is not None:
            if process.is_running(self.record):
                return
            self.kill()
        try:
            self.record = process.spawn(
                self.command,
                log=self.log,
                environment=self.environment,
                folder=self.folder,
                user=self.user,
            )
        except OSError as error:
            raise StackError(f"{self.name} cannot be started: {error}") from error
        self.stopped_on_purpose = False

    def wait_ready(self, timeout: float, tick: Callable[[], None] = lambda: None) -> None:
        """Return when it is ready. Raises StackError, with the end of the log, if it dies or is too slow."""
        until = time.monotonic() + timeout
        while not self.is_ready():
            if not self.is_running():
                raise StackError(f"{self.name} ended while starting. {self._end_of_log()}")
            if time.monotonic() > until:
                raise StackError(f"{self.name} was not ready within {timeout:.0f} s. {self._end_of_log()}")
            tick()
            time.sleep(0.1)

    def is_ready(self) -> bool:
        """Whether it answers all that it should."""
        canary = self._canary_url()
        return all(answers_ok(url) for url in self.ready_urls) and (
            not canary or answers_ok(canary, self.canary_body)
        )

    def _canary_url(self) -> str:
        if not self.alias:
            return self.canary_url
        try:
            live = read_alias(Path(self.alias)).live
        except ConfigurationError:
            return self.canary_url  # nobody is asked under that name: not ready
        return self.canary_url.replace(LIVE, live.model) if live else ""

    def is_running(self) -> bool:
        """Whether its leading process lives."""
        return self.record is not None and process.is_running(self.record)

    def is_alive(self) -> bool:
        """Whether anything of it runs, its leader or what the leader left behind."""
        return self.record is not None and bool(process.members(self.record))

    def state(self) -> str:
        """One of the constants of this module, found out by looking."""
        if not self.is_running():
            return STOPPED if self.stopped_on_purpose else DEAD
        if self.record is not None and process.is_paused(self.record):
            return PAUSED
        return READY if self.is_ready() else NOT_READY

    def stop(self) -> None:
        """End it in an orderly way, by force after its grace."""
        self.stopped_on_purpose = True
        if self.record is not None:
            process.stop(self.record, self.grace)
            self._remove_shared_memory()

    def kill(self) -> None:
        """End it as a crash would: SIGKILL, no goodbye."""
        if self.record is not None:
            process.kill(self.record)
            self._remove_shared_memory()

    def pause(self) -> None:
        """Make it hang as an overloaded machine would: SIGSTOP. It hangs when this returns."""
        if self.record is None:
            return
        process.signal_all(self.record, signal.SIGSTOP)
        # The signal reaches a process of many threads a little later.
        until = time.monotonic() + 5
        while self.is_running() and not process.is_paused(self.record) and time.monotonic() < until:
            time.sleep(0.01)

    def resume(self) -> None:
        """Let a paused one go on: SIGCONT."""
        if self.record is not None:
            process.signal_all(self.record, signal.SIGCONT)

    def _remove_shared_memory(self) -> None:
        if not self.shared_memory:
            return
        # What follows is a UUID: a longer port number is somebody else's.
        ours = re.compile(re.escape(self.shared_memory) + r"[0-9a-f]{8}-[0-9a-f-]{27}")
        for segment in SHARED_MEMORY.glob(f"{self.shared_memory}*"):
            if ours.fullmatch(segment.name):
                segment.unlink(missing_ok=True)

    def _end_of_log(self, lines: int = 15) -> str:
        try:
            text = self.log.read_text(errors="replace").splitlines()[-lines:]
        except OSError:
            return f"It wrote no log at {self.log}."
        return "\n".join([f"The end of {self.log}:", *("  " + line for line in text)])

    def to_json(self) -> dict[str, Any]:
        data = asdict(self)
        return {
            **data,
            "folder": str(self.folder),
            "log": str(self.log),
            "owned": [str(p) for p in self.owned],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Service":
        record = data["record"]
        return cls(
            **{
                **data,
                "folder": Path(data["folder"]),
                "log": Path(data["log"]),
                "owned": [Path(path) for path in data["owned"]],
                "record": ProcessRecord(**record) if record else None,
            }
        )
