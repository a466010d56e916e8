"""`reshelf serve` starts with what serving needs: the other commands' packages are not imported before."""

import subprocess
import sys

# What only extras of pyproject.toml install, and what is slow to import and not needed to show a help text.
NOT_BEFORE_A_COMMAND_RUNS = {
    "cryptography", "ir_measures", "onnx", "onnxruntime", "opensearchpy", "psutil", "pyarrow",
    "accelerate", "peft", "safetensors", "tensorboard", "tokenizers", "torch", "transformers",
    "tritonclient", "grpc", "fastapi",
}  # fmt: skip


def test_the_command_line_imports_no_extra() -> None:
    script = "import sidecar.cli.main, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    imported = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(imported.stdout.split()) & NOT_BEFORE_A_COMMAND_RUNS == set()
