"""A Redis server of our own on a free port, for tests and benchmarks."""

import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from sidecar.stack import process
from sidecar.stack.errors import StackError
from sidecar.stack.ports import LOOPBACK, free_port
from sidecar.stack.process import ProcessRecord
from sidecar.stack.redis_package import find_redis


class RedisServer:
    """One server with its data in `folder`. As a context manager it is started, and leaves no process."""

    def __init__(
        self, folder: Path, options: Sequence[str] = (), *, port: int = 0, sentinel: bool = False
    ) -> None:
        """`options` are arguments such as `--appendonly yes`; `sentinel` runs it as one, on the
        configuration `sentinel.conf` in `folder`."""
        self.folder = folder
        self.port = port or free_port()
        self._options = list(options)
        self._sentinel = sentinel
        self._process: ProcessRecord | None = None

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        """Start it and return when it answers. Raises StackError with the end of its log."""
        program = find_redis()
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "redis.log"
        command = [str(program.server)]
        if self._sentinel:
            command += [str(self.folder / "sentinel.conf"), "--sentinel"]
        else:
            command += ["--save", "", "--dir", str(self.folder)]
        command += ["--port", str(self.port), "--bind", LOOPBACK, *self._options]
        try:
            self._process = process.spawn(
                command, log=log, environment=program.environment, folder=self.folder
            )
        except OSError as error:
            raise StackError(f"redis-server cannot be started: {error}") from error
        until = time.monotonic() + 20
        while not self.answers():
            if not process.is_running(self._process) or time.monotonic() > until:
                end = log.read_text(errors="replace")[-1500:]
                self.stop()
                raise StackError(f"redis-server did not start. The end of {log}:\n{end}")
            time.sleep(0.02)
        return self

    def answers(self) -> bool:
        """Whether it answers PING and has loaded its data (a password does not matter)."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False

    def stop(self) -> None:
        """End it in an orderly way; `start` brings it back on the same port with the same data."""
        if self._process is not None:
            process.stop(self._process, grace=5)

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        if self._process is not None:
            process.kill(self._process)

    def pause(self) -> None:
        """Make it hang (SIGSTOP)."""
        if self._process is not None:
            process.signal_all(self._process, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        if self._process is not None:
            process.signal_all(self._process, signal.SIGCONT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.resume()
        self.stop()
