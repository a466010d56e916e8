"""A learned blend: how much each feature of a hit counts, as `reshelf blend fit` writes it."""

import math
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from sidecar.config.errors import ConfigurationError
from sidecar.config.strict import Strict
from sidecar.config.yaml_file import load_yaml
from sidecar.domain.features import PAIR, Feature

Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Provenance(Strict):
    """Where the weights come from, for people."""

    data: str = ""
    queries: int = Field(default=0, ge=0)
    l2: float = Field(default=0, ge=0)
    model: str = Field(default="", description="the fingerprint of the model that they were fitted with")
    ndcg_at_10: str = Field(default="", description="cross-validated, against BM25")


class Blend(Strict):
    """Weights by feature name; a feature that is left out does not count.

    Every feature is written so that more is better and is standardised over the list, so a weight is never
    negative and says how much one standard deviation of the feature moves a hit.
    """

    description: str = ""
    provenance: Provenance = Provenance()
    first: dict[Feature, Weight] = Field(description="before the cross-encoder; orders all hits")
    final: dict[Feature, Weight] = Field(
        default={}, description="with the cross-encoder's score; orders the best hits. Empty: it is not asked"
    )

    @model_validator(mode="after")
    def _usable(self) -> "Blend":
        if PAIR in self.first:
            raise ValueError(f"`first` orders the hits before there is a `{PAIR}` score: leave it out there")
        if self.final and not self.final.get(PAIR):
            raise ValueError(f"`final` needs a weight above 0 for `{PAIR}`, or must be left out")
        for name, weights in (("first", self.first), ("final", self.final)):
            if weights and not math.fsum(weights.values()):
                raise ValueError(f"`{name}`: at least one weight must be above 0")
        if not self.first:
            raise ValueError("`first`: at least one weight must be above 0")
        return self

    def used(self) -> frozenset[Feature]:
        """The features that count anywhere."""
        return frozenset(
            name for weights in (self.first, self.final) for name, weight in weights.items() if weight
        )


def load_blend(path: Path) -> Blend:
    """One file of plugin_config/blends/. Raises ConfigurationError naming the key and the fix."""
    if path.suffix not in (".yml", ".yaml"):
        raise ConfigurationError(f"{path}: a blend is a YAML file (*.yml), as `reshelf blend fit` writes it.")
    return load_yaml(path, Blend)
