"""A model in this process leaves the numbers of everybody else in it alone."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from sidecar.inference import Encoder

smallest = float("5e-324")
Encoder.load(Path(sys.argv[1]), threads=1).embed(["red shoe"])
assert smallest * 1.0 > 0, "flushed to zero"
"""


def test_the_smallest_numbers_are_not_flushed_to_zero(tiny_models: dict[str, Path]) -> None:
    """In a process of its own: ONNX Runtime sets the mode with a process's first session alone."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tiny_models["fp32"])],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
