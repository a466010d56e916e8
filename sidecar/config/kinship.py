"""Which values the same shoppers like: a vector for each, as `reshelf personalization relate` finds it."""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sidecar.config.errors import ConfigurationError
from sidecar.config.strict import Strict
from sidecar.config.yaml_file import load_yaml

MOST_DIMENSIONS = 8
MOST_VALUES = 20_000

Key = Annotated[int, Field(ge=1, le=2**32 - 1)]
Entry = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]


class Kinship(Strict):
    """Values of attributes that the same shoppers like have vectors that point the same way.

    `vectors` by the key of (attribute, value), the one that profiles have; a value that is not there is like
    none. They are scaled so that a shopper's taste along each dimension has about the variance 1: the taste
    for a value is the shopper's weights times its vector, in logits of a click.
    """

    description: str = ""
    shoppers: int = Field(default=0, ge=0, description="whose clicks they were fitted to")
    clicks: int = Field(default=0, ge=0)
    precision: float = Field(
        default=1.0,
        gt=0,
        le=1e6,
        allow_inf_nan=False,
        description="how sure to be beforehand that nobody cares; 1 fits the vectors' scale",
    )
    vectors: dict[Key, list[Entry]] = Field(min_length=1, max_length=MOST_VALUES)

    @model_validator(mode="after")
    def _of_one_length(self) -> "Kinship":
        lengths = sorted({len(vector) for vector in self.vectors.values()})
        if len(lengths) > 1 or not 1 <= lengths[0] <= MOST_DIMENSIONS:
            raise ValueError(
                f"`vectors`: all need the same length, 1 to {MOST_DIMENSIONS}; there are {lengths}. "
                "Write the file anew: `reshelf personalization relate`"
            )
        return self

    @property
    def dimensions(self) -> int:
        """The vectors' length d."""
        return int(self.table[1].shape[1])

    @cached_property
    def table(self) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
        """Keys uint32 [v], rising, and their vectors float64 [v, d]."""
        keys = sorted(self.vectors)
        return np.array(keys, np.uint32), np.array([self.vectors[key] for key in keys])

    @cached_property
    def version(self) -> str:
        """Eight hex digits of the vectors. What shoppers like along other vectors says nothing of these."""
        keys, vectors = self.table
        return hashlib.sha256(keys.tobytes() + vectors.tobytes()).hexdigest()[:8]


def load_kinship(path: Path) -> Kinship:
    """The file that a profile names. Raises ConfigurationError naming the key and the fix."""
    if path.suffix not in (".yml", ".yaml"):
        raise ConfigurationError(
            f"{path}: a kinship is a YAML file (*.yml), as `reshelf personalization relate` writes it."
        )
    return load_yaml(path, Kinship)
