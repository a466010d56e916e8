"""Makes a checkpoint's graphs as users make them, with their libraries: exported, optimised, quantised.

What cannot be made is told with its reason and left out; what is there already is kept.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .files import ONNX_FP32, ONNX_INT8, ONNX_OPTIMIZED, OPENVINO_FP32, OPENVINO_INT8, PADDING
from .worker import private_output


def main(arguments: Sequence[str]) -> None:
    """Arguments: folder, max_length, file with calibration pairs (JSON lines). Tells {graph: reason}."""
    folder, max_length, pairs = Path(arguments[0]), int(arguments[1]), Path(arguments[2])
    told = private_output()
    steps: dict[str, Callable[[], None]] = {
        ONNX_FP32: lambda: _export_onnx(folder),
        ONNX_OPTIMIZED: lambda: _optimize(folder),
        ONNX_INT8: lambda: _quantize_onnx(folder),
        OPENVINO_FP32: lambda: _export_openvino(folder),
        OPENVINO_INT8: lambda: _quantize_openvino(folder, max_length, pairs),
    }
    failed = {}
    for graph, make in steps.items():
        if (folder / graph).is_file():
            continue
        (folder / graph).parent.mkdir(exist_ok=True)
        try:
            make()
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is its reason in the report
            failed[graph] = f"{type(error).__name__}: {error}"[:300]
    told.write(json.dumps(failed) + "\n")
    told.flush()


def _export_onnx(folder: Path) -> None:
    from optimum.onnxruntime import ORTModelForSequenceClassification

    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        ORTModelForSequenceClassification.from_pretrained(folder, export=True).save_pretrained(scratch)
        _put(next(Path(scratch).rglob("model.onnx")), folder / ONNX_FP32)


def _optimize(folder: Path) -> None:
    from sentence_transformers import CrossEncoder, export_optimized_onnx_model

    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        export_optimized_onnx_model(_onnx_model(CrossEncoder, folder), "O3", scratch, file_suffix="O3")
        _put(next(Path(scratch).rglob("*_O3.onnx")), folder / ONNX_OPTIMIZED)


def _quantize_onnx(folder: Path) -> None:
    from sentence_transformers import CrossEncoder, export_dynamic_quantized_onnx_model

    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        export_dynamic_quantized_onnx_model(
            _onnx_model(CrossEncoder, folder), _instructions(), scratch, file_suffix="int8"
        )
        _put(next(Path(scratch).rglob("*_int8.onnx")), folder / ONNX_INT8)


def _onnx_model(cross_encoder: Any, folder: Path) -> Any:
    options = {"file_name": ONNX_FP32, "provider": "CPUExecutionProvider"}
    return cross_encoder(str(folder), backend="onnx", model_kwargs=options, device="cpu")


def _instructions() -> Any:
    """Which of their configurations is for this processor."""
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").is_file() else ""
    return next((name for name in ("avx512_vnni", "avx512") if name in flags), "avx2")


def _export_openvino(folder: Path) -> None:
    from optimum.intel import OVModelForSequenceClassification

    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        OVModelForSequenceClassification.from_pretrained(folder, export=True, compile=False).save_pretrained(
            scratch
        )
        made = next(Path(scratch).rglob("openvino_model.xml"))
        shutil.move(made.with_suffix(".bin"), (folder / OPENVINO_FP32).with_suffix(".bin"))
        _put(made, folder / OPENVINO_FP32)


def _quantize_openvino(folder: Path, max_length: int, pairs: Path) -> None:
    """What optimum's quantiser does, on our own pairs: its default data set is one to be downloaded."""
    import nncf
    import numpy as np
    import openvino
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_length)
    tokenizer.enable_padding(pad_id=0, pad_token=PADDING)
    samples = [tuple(json.loads(line)) for line in pairs.read_text(encoding="utf-8").splitlines()]

    def inputs(sample: tuple[str, str]) -> dict[str, Any]:
        (tokens,) = tokenizer.encode_batch([sample])
        return {
            "input_ids": np.array([tokens.ids], np.int64),
            "attention_mask": np.array([tokens.attention_mask], np.int64),
            "token_type_ids": np.array([tokens.type_ids], np.int64),
        }

    core = openvino.Core()
    quantized = nncf.quantize(
        core.read_model(folder / OPENVINO_FP32),
        nncf.Dataset(samples, inputs),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(samples),
    )
    openvino.save_model(quantized, folder / OPENVINO_INT8, compress_to_fp16=False)


def _put(made: Path, target: Path) -> None:
    """In one step, so that a graph that is there is whole."""
    target.parent.mkdir(exist_ok=True)
    shutil.move(made, target)


if __name__ == "__main__":
    main(sys.argv[1:])
