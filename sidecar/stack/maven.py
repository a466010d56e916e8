"""Run Maven with the JDK that we found."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sidecar.stack.errors import StackError
from sidecar.stack.jdk import find_jdk


def maven(arguments: Sequence[str], *, folder: Path, log: Path) -> None:
    """Run `mvn` in `folder`, its output in `log`. Raises StackError with the log's errors."""
    program = shutil.which("mvn")
    if program is None:
        raise StackError("Maven (mvn) is not on PATH. Install Maven 3.8 or newer.")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        outcome = subprocess.run(
            [program, "--batch-mode", "--no-transfer-progress", *arguments],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=folder, check=False,
            env={**os.environ, "JAVA_HOME": str(find_jdk().home)},
        )  # fmt: skip
    if outcome.returncode != 0:
        lines = log.read_text(errors="replace").splitlines()
        errors = [line for line in lines if "ERROR" in line] or lines
        raise StackError("Maven failed. The whole output is in {}:\n{}".format(log, "\n".join(errors[:20])))
