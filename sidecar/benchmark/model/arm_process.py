"""An arm at work: a process that answers one request at a time with scores and the seconds they took."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sidecar.benchmark.model.workload import Request

TAIL = 2000


class ArmFailed(Exception):
    """An arm that cannot be loaded or cannot score; the message is the reason in the report."""


@dataclass(frozen=True, slots=True)
class Answer:
    """float32 [n] logits in the texts' order."""

    seconds: float
    scores: NDArray[np.float32]


class ArmProcess:
    """Entering starts it and waits until it has loaded; leaving ends it. Raises ArmFailed."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.versions = ""
        self._command = list(command)
        self._environment = dict(environment)
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment,
                text=True,
                encoding="utf-8",
            )
        try:
            self.versions = str(self._read()["ready"])
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def score(self, request: Request) -> Answer:
        """One request, timed by the process itself."""
        if self._process is None or self._process.stdin is None:
            raise ArmFailed(f"{self.name}: not started")
        line = json.dumps({"query": request.query, "texts": list(request.texts)})
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ArmFailed(f"{self.name}: its process ended: {self._last_words()}") from None
        told = self._read()
        scores = np.asarray(told["scores"], np.float32)
        if scores.shape != (len(request.texts),):
            raise ArmFailed(f"{self.name}: {len(request.texts)} scores expected, found {scores.shape}")
        return Answer(float(told["seconds"]), scores)

    def _read(self) -> dict[str, Any]:
        stdout = self._process.stdout if self._process else None
        line = stdout.readline() if stdout else ""
        if not line:
            raise ArmFailed(f"{self.name}: its process ended: {self._last_words()}")
        told: dict[str, Any] = json.loads(line)
        if "error" in told:
            raise ArmFailed(f"{self.name}: {told['error']}")
        return told

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace")[-TAIL:].strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _end(self) -> None:
        process = self._process
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._process = None
