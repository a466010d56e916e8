"""The ways there are to run a model, each loaded and ready."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sidecar.inference import Encoder, ModelFolderError
from sidecar.model.build import build_model
from sidecar.model.errors import ModelError
from sidecar.training.comparison.openvino_route import int8_by_openvino

EXACT = "fp32"
OPENVINO = "openvino-int8"
BUILT = (EXACT, "int8", "int8-dynamic")
GRAPH = "model.onnx"


@dataclass(frozen=True)
class Route:
    """`megabytes`: of the graph that scores."""

    name: str
    encoder: Encoder
    megabytes: float


def load_routes(
    scratch: Path,
    *,
    cache: Path,
    threads: int,
    others: Mapping[str, Path],
    weights: str,
    adapter: str,
    progress: Callable[[str], None],
) -> list[Route]:
    """Builds each into `scratch` and loads it; OpenVINO's where `openvino` and `nncf` are installed.

    weights, adapter: see `build_model`. others: built models' folders to compare with, by name. Raises
    ModelError.
    """
    try:
        routes = []
        for precision in BUILT:
            progress(f"building {precision}")
            built = build_model(
                scratch / precision,
                cache=cache,
                weights=weights,
                adapter=adapter,
                vectors="none",
                precision=precision,
            )
            routes.append(_loaded(precision, built.folder, threads))
        if missing_for_openvino():
            progress(f"without {OPENVINO}: {' and '.join(missing_for_openvino())} not installed")
        else:
            progress(f"building {OPENVINO}")
            routes.append(_openvino(scratch, threads))
        for name, folder in others.items():
            routes.append(_loaded(name, folder, threads))
    except ModelFolderError as error:
        raise ModelError(str(error)) from error
    return routes


def missing_for_openvino() -> Sequence[str]:
    """Packages that its route needs and this environment lacks."""
    return [name for name in ("openvino", "nncf") if find_spec(name) is None]


def _loaded(name: str, folder: Path, threads: int) -> Route:
    encoder = Encoder.load(folder, threads=threads)
    if encoder.kind != "cross-encoder":
        raise ModelError(f"{folder}: a {encoder.kind}; cross-encoders are compared. Build with an adapter.")
    return Route(name, encoder, round(_graph(folder).stat().st_size / 1e6, 1))


def _openvino(scratch: Path, threads: int) -> Route:
    """The exact graph, quantised and run by OpenVINO within the same engine."""
    graph = _graph(scratch / EXACT)
    encoder = Encoder.load(graph.parent, threads=threads)
    network = encoder.network
    quantized = int8_by_openvino(graph, network, threads)
    network.answer = quantized.answer
    return Route(OPENVINO, encoder, round(quantized.save(scratch / f"{OPENVINO}.xml") / 1e6, 1))


def _graph(folder: Path) -> Path:
    from sidecar.inference import find_version_folder
    from sidecar.model.folders import MODEL

    return find_version_folder(folder / MODEL if (folder / MODEL).is_dir() else folder) / GRAPH
