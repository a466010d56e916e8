"""Who is measured: our own ways and the peers', by name."""

from dataclasses import dataclass
from typing import Literal

Precision = Literal["fp32", "int8"]
Batches = Literal["ours", "arrival", "characters", "one"]
"""How texts come into batches: as our engine does, 32 as they arrive, 32 by their characters, all in one."""


@dataclass(frozen=True, slots=True)
class PeerArm:
    """One way of one peer: a function of a module of `peers`, run by the Python of an environment."""

    name: str
    precision: Precision
    environment: str
    module: str
    function: str
    batches: Batches
    graph: str | None = None
    """The file that it loads of the checkpoint's folder, where that is not the checkpoint itself."""


@dataclass(frozen=True, slots=True)
class OwnArm:
    """One of our ways: the engine `in process`, or `triton`, asked as the sidecar asks it."""

    name: str
    precision: Precision
    way: Literal["in process", "triton"]
    batches: Batches = "ours"


Arm = PeerArm | OwnArm

END_TO_END = {"fp32": "ours on Triton, fp32", "int8": "ours on Triton, int8"}
"""What the others of a precision are compared with."""
REFERENCE = "sentence-transformers torch"
"""Whose scores count as right; where it is not installed, our own fp32's."""
IN_PROCESS = {"fp32": "ours in process, fp32", "int8": "ours in process, int8"}
CONTROL = "ours in process, int8, again"

OWN = (
    OwnArm(END_TO_END["int8"], "int8", "triton"),
    OwnArm(IN_PROCESS["int8"], "int8", "in process"),
    OwnArm(CONTROL, "int8", "in process"),
    OwnArm(END_TO_END["fp32"], "fp32", "triton"),
    OwnArm(IN_PROCESS["fp32"], "fp32", "in process"),
)

_ST, _ORT, _FLASH = "sentence_transformer", "onnx_runtime", "flashrank_way"
PEERS = (
    PeerArm(REFERENCE, "fp32", "peers", _ST, "torch_fp32", "characters"),
    PeerArm("sentence-transformers onnx", "fp32", "peers", _ST, "onnx_fp32", "characters", "onnx/model.onnx"),
    PeerArm(
        "sentence-transformers onnx O3", "fp32", "peers", _ST, "onnx_optimized", "characters",
        "onnx/model_O3.onnx",
    ),
    PeerArm(
        "sentence-transformers openvino", "fp32", "peers", _ST, "openvino_fp32", "characters",
        "openvino/openvino_model.xml",
    ),
    PeerArm("onnxruntime", "fp32", "peers", _ORT, "fp32", "arrival", "onnx/model.onnx"),
    PeerArm("flashrank", "fp32", "peers", _FLASH, "fp32", "one", "onnx/model.onnx"),
    PeerArm("infinity torch", "fp32", "infinity", "infinity", "torch_fp32", "characters"),
    PeerArm(
        "sentence-transformers onnx int8", "int8", "peers", _ST, "onnx_int8", "characters",
        "onnx/model_int8.onnx",
    ),
    PeerArm(
        "sentence-transformers openvino int8", "int8", "peers", _ST, "openvino_int8", "characters",
        "openvino/openvino_model_int8.xml",
    ),
    PeerArm("onnxruntime int8", "int8", "peers", _ORT, "int8", "arrival", "onnx/model_int8.onnx"),
    PeerArm("flashrank int8", "int8", "peers", _FLASH, "int8", "one", "onnx/model_int8.onnx"),
)  # fmt: skip


def arms_named(wanted: str) -> list[Arm]:
    """All arms, or those whose name holds one of the words joined by commas. Raises ValueError for a word
    that no name holds."""
    everyone: list[Arm] = [*OWN, *PEERS]
    words = [word.strip() for word in wanted.split(",") if word.strip()]
    if not words:
        return everyone
    for word in words:
        if not any(word in arm.name for arm in everyone):
            names = ", ".join(arm.name for arm in everyone)
            raise ValueError(f"no arm's name holds {word!r}; there are: {names}")
    return [arm for arm in everyone if any(word in arm.name for word in words)]
