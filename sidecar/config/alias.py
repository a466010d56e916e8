"""The alias file: which of the models on Triton the sidecars ask.

`reshelf model` writes it, sidecars watch it. One JSON file, small, replaced in one step. Unknown keys are
errors, as in every configuration.
"""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sidecar.config.errors import ConfigurationError
from sidecar.config.strict import Strict
from sidecar.config.yaml_file import validate

HISTORY = 50
"""How many steps are kept in the file."""

ModelName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_.-]{1,128}$", description="the model's name on Triton")
]


class ServedModel(Strict):
    """A model on Triton: one built version under a name of its own.

    `fingerprint` is what its answers must name; `weights` is equal for models of the same weights, whatever
    their code and precision; `vectors` is equal for models that make the very same vectors; `checksum` is its
    manifest's SHA-256.
    """

    model: ModelName
    fingerprint: str = Field(min_length=1)
    weights: str = ""
    vectors: str = ""
    checksum: str = ""


class Shadow(Strict):
    """Which share of the searches `model` ranks as well, without being heard."""

    model: ModelName
    share: float = Field(gt=0, le=1, description="of the searches, above 0 and at most 1")


class Step(Strict):
    """Something that was done: `at` is UTC, ISO 8601."""

    at: str
    action: Literal["deploy", "promote", "rollback", "shadow"]
    model: str


class Alias(Strict):
    """Who is asked (`live`), who was before (`previous`), who may be next (`candidate`)."""

    format: Literal[1] = 1
    live: ServedModel | None = None
    previous: ServedModel | None = None
    candidate: ServedModel | None = None
    shadow: Shadow | None = None
    history: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def _names(self) -> "Alias":
        names = [served.model for served in self.named()]
        if len(set(names)) < len(names):
            raise ValueError("`live`, `previous` and `candidate` are different models")
        if self.shadow is not None and (self.candidate is None or self.shadow.model != self.candidate.model):
            raise ValueError("`shadow.model` is the candidate's name")
        return self

    def named(self) -> list[ServedModel]:
        """The models that the file speaks of, live first."""
        return [served for served in (self.live, self.previous, self.candidate) if served is not None]


def parse_alias(content: bytes, source: str) -> Alias:
    """The file's content. Raises ConfigurationError naming the key and what is allowed."""
    try:
        data = json.loads(content)
    except ValueError as error:
        raise ConfigurationError(f"{source}: not valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise ConfigurationError(f"{source}: expected keys and values, found {type(data).__name__}.")
    return validate(data, Alias, source)


def read_alias(path: Path) -> Alias:
    """The alias file; an empty alias where there is none yet. Raises ConfigurationError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Alias()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    return parse_alias(content, str(path))
