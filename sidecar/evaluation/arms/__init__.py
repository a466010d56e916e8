"""The rankings that can be compared, one file each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile
from sidecar.evaluation.arms.arm import Arm
from sidecar.evaluation.arms.bm25 import Bm25
from sidecar.evaluation.arms.profiled import Profiled
from sidecar.evaluation.arms.reranked import Reranked
from sidecar.evaluation.index_readers import IndexReaders

ARMS: dict[str, Arm] = {arm.name: arm for arm in (Bm25(), Reranked())}
IN_PROCESS = "@"


@dataclass(frozen=True)
class Workshop:
    """What arms are made from: `pipeline_of` a profile, the `model_folder` of a precision or path, readers.

    `model_folder` may take minutes (it builds) and raises ConfigurationError.
    """

    profiles: Callable[[], Mapping[str, Profile]]
    pipeline_of: Callable[[str], dict[str, Any]]
    model_folder: Callable[[str], Path]
    readers: IndexReaders = field(default_factory=IndexReaders)


def arms_named(names: str, workshop: Workshop | None = None) -> list[Arm]:
    """The arms of a list like "bm25,reranked,blend,blend@fp32"; the first is the baseline.

    `bm25` and `reranked` are there always, another name is a profile, and PROFILE@MODEL ranks in this
    process. Raises ConfigurationError.
    """
    wanted = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    others = [name for name in wanted if name not in ARMS]
    profiles = workshop.profiles() if workshop and others else {}
    unknown = [name for name in others if name.partition(IN_PROCESS)[0] not in profiles]
    if unknown or not wanted:
        raise ConfigurationError(
            f"--arms: {', '.join(unknown) or 'nothing'} is no arm. Arms: {', '.join([*ARMS, *profiles])}; "
            f"PROFILE{IN_PROCESS}MODEL ranks in this process (int8, fp32, or a built model's folder)."
        )
    return [ARMS[name] if name in ARMS else _made(name, profiles, workshop) for name in wanted]


def _made(name: str, profiles: Mapping[str, Profile], workshop: Workshop | None) -> Arm:
    assert workshop is not None, "no profile is known without one"  # noqa: S101
    profile, in_process, model = name.partition(IN_PROCESS)
    if not in_process:
        return Profiled(name, workshop.pipeline_of(profile))
    if not model:
        raise ConfigurationError(f"--arms: `{name}` names no model. For example: {profile}@int8.")
    from sidecar.evaluation.arms.in_process import InProcess

    return InProcess(name, profiles[profile], workshop.model_folder(model), workshop.readers)
