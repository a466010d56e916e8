"""The rankings that can be compared, one file each. A new arm is a file here and a line in `ARMS`."""

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.arms.arm import Arm
from sidecar.evaluation.arms.bm25 import Bm25
from sidecar.evaluation.arms.reranked import Reranked

ARMS: dict[str, Arm] = {arm.name: arm for arm in (Bm25(), Reranked())}


def arms_named(names: str) -> list[Arm]:
    """The arms of a list like "bm25,reranked"; the first is the baseline. Raises ConfigurationError."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in ARMS]
    if unknown or not wanted:
        raise ConfigurationError(
            f"--arms: {', '.join(unknown) or 'nothing'} is no arm. Arms: {', '.join(ARMS)}."
        )
    return [ARMS[name] for name in dict.fromkeys(wanted)]
