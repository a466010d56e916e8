"""What every server of the stack can do, as a context manager that leaves nothing behind."""

import shutil
from types import TracebackType
from typing import Self

from sidecar.stack.service import Service


class Running:
    """A `Service` with the calls that tests and the stack make. Entering starts it, leaving removes it."""

    def __init__(self, service: Service, *, patience: float) -> None:
        self.service = service
        # How long, in seconds, a start may take.
        self.patience = patience

    def start(self, *, wait: bool = True) -> Self:
        """Start it on its port and, unless told otherwise, return when it is ready. Raises StackError."""
        self.service.start()
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, timeout: float | None = None) -> None:
        """Return when it is ready. Raises StackError with the end of its log."""
        self.service.wait_ready(timeout or self.patience)

    def is_ready(self) -> bool:
        return self.service.is_ready()

    def stop(self) -> None:
        """End it in an orderly way; `start` brings it back on the same port with the same data."""
        self.service.stop()

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        self.service.kill()

    def pause(self) -> None:
        """Make it hang (SIGSTOP)."""
        self.service.pause()

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self.service.resume()

    def remove(self) -> None:
        """Stop it and remove its files."""
        self.stop()
        for folder in self.service.owned:
            shutil.rmtree(folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.remove()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()
