"""A Triton and a sidecar of their own to send searches to, with caches or without; or a stack that runs."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sidecar.model.build import Built, build_model
from sidecar.model.folders import MODEL
from sidecar.stack.errors import StackError
from sidecar.stack.served_models import ServedModels
from sidecar.stack.service import Service
from sidecar.stack.sidecar_process import SidecarProcess
from sidecar.stack.state import load_state
from sidecar.stack.triton import ensure_triton
from sidecar.stack.triton_process import TritonProcess

NO_CACHES: dict[str, Any] = {"score_cache": {"max_mib": 0}, "vector_cache": {"max_mib": 0}}
OTHER_MAX_LENGTH = 80
CACHE_MIB = re.compile(r'(key: "cache_mib" value \{ string_value: ")\d+(")')


@dataclass(frozen=True, slots=True)
class LoadBed:
    """Where searches go, and whose model process can be killed. `environment`: what commands in the middle
    may name as $NAME; empty for servers that others started."""

    sidecar: str
    triton: Service | None
    environment: dict[str, str] = field(default_factory=dict)

    def triton_pid(self) -> int:
        """Raises StackError where there is no Triton of ours."""
        if self.triton is None or self.triton.record is None:
            raise StackError(
                "no Triton of this machine's is running, so its model's process cannot be killed"
            )
        return self.triton.record.pid


@contextmanager
def own_bed(folder: Path, cache: Path, *, caches: bool, settings: Mapping[str, Any]) -> Iterator[LoadBed]:
    """The default model on a Triton and a sidecar started for this. `settings` go above the sidecar's own.

    With `caches` it is as in the local stack: the model can be rolled, and is loaded again when it dies.
    Without, neither the sidecar keeps scores and vectors nor the model vectors. Raises StackError and
    ModelError.
    """
    built = build_model(folder / "models" / "default", cache=cache)
    serving = _rolled(folder, built) if caches else _uncached(folder, built)
    with serving as (triton, scorer):
        mine = merged({"scorer": {"kind": "triton", "triton": scorer}}, {} if caches else NO_CACHES)
        with SidecarProcess(folder / "sidecar", settings=merged(mine, settings)) as sidecar:
            environment = {"TRITON": triton.grpc_address, "SIDECAR": sidecar.http_url}
            if caches:
                environment |= _roll_out_environment(folder, cache, built, scorer)
            yield LoadBed(sidecar.grpc_address, triton.service, environment)


@contextmanager
def _rolled(folder: Path, built: Built) -> Iterator[tuple[TritonProcess, dict[str, Any]]]:
    served = ServedModels(folder / "served")
    served.begin()
    with TritonProcess(folder / "triton", ensure_triton(), served.repository, alias=served.alias) as triton:
        served.serve(built.folder, triton.grpc_port, lambda _: None)
        yield triton, {"address": triton.grpc_address, "alias": str(served.alias), "repair": True}


@contextmanager
def _uncached(folder: Path, built: Built) -> Iterator[tuple[TritonProcess, dict[str, Any]]]:
    repository = _without_cache(built, folder / "models" / "uncached")
    with TritonProcess(folder / "triton", ensure_triton(), repository) as triton:
        yield triton, {"address": triton.grpc_address}


def _roll_out_environment(
    folder: Path, cache: Path, live: Built, scorer: Mapping[str, Any]
) -> dict[str, str]:
    """What `reshelf model deploy` is to be told: settings, repository, and the next version, which reads
    fewer tokens, so that its answers can be told apart."""
    other = build_model(folder / "models" / "other", cache=cache, max_length=OTHER_MAX_LENGTH)
    numbered = folder / "models" / "next" / MODEL / str(live.version + 1)
    shutil.rmtree(numbered.parent, ignore_errors=True)
    shutil.copytree(other.folder, numbered, copy_function=os.link)
    told = folder / "roll-out.yml"
    told.write_text(json.dumps({"scorer": {"triton": dict(scorer)}}), encoding="utf-8")
    return {
        "CONFIG": str(told),
        "REPOSITORY": str(ServedModels(folder / "served").repository),
        "BUILT": str(numbered.parent.parent),
        "VERSION": numbered.name,
    }


def running_bed(stack: Path) -> LoadBed:
    """The local stack of that folder, as it is. Raises StackError where none is up."""
    state = load_state(stack)
    if state is None or not state.is_up():
        raise StackError(f"{stack.name}: no such stack is up. Start it with `reshelf stack up`.")
    return LoadBed(f"127.0.0.1:{state.ports['sidecar_grpc']}", state.services.get("triton"))


def merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """`lower` with the values of `upper` in place of its own, section by section."""
    found = dict(lower)
    for key, value in upper.items():
        below = found.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        found[key] = merged(below or {}, value) if both else value
    return found


def _without_cache(built: Built, repository: Path) -> Path:
    """The same version in a repository of its own whose configuration keeps no vectors."""
    model = repository / MODEL
    shutil.rmtree(repository, ignore_errors=True)
    model.mkdir(parents=True)
    shutil.copytree(built.folder, model / built.folder.name, copy_function=os.link)
    text = (built.folder.parent / "config.pbtxt").read_text(encoding="utf-8")
    changed, found = CACHE_MIB.subn(r"\g<1>0\g<2>", text)
    if not found:
        raise StackError(f"{built.folder.parent / 'config.pbtxt'}: no parameter cache_mib to set to 0")
    (model / "config.pbtxt").write_text(changed, encoding="utf-8")
    return repository
