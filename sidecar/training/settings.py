"""A training run's settings: a recipe's keys, checked. The same file repeats the same run."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, model_validator

from sidecar.config.strict import Strict
from sidecar.config.yaml_file import load_yaml, validate
from sidecar.training.errors import TrainingError
from sidecar.training.sources.clicks import Clicks
from sidecar.training.sources.pools import Pools
from sidecar.training.sources.titles import Titles

BI_ENCODER, LIST_CONTEXT = "bi-encoder", "list-context"
LossName = Literal["bce", "listwise", "lambda", "distill"]
TARGETS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


class Lora(Strict):
    """Low-rank adapters on every linear layer of the encoder; pooler and classifier are trained whole."""

    rank: int = Field(default=16, ge=1, le=256)
    alpha: int = Field(default=32, ge=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)


class Optimization(Strict):
    """AdamW with a linear warm-up and decline."""

    learning_rate: float | None = Field(
        default=None, gt=0, description="default: 5e-4 for LoRA, 5e-5 for full"
    )
    epochs: float = Field(default=1.0, gt=0, le=1000)
    max_steps: int | None = Field(default=None, ge=1)
    lists_a_step: int = Field(default=4, ge=1, le=256)
    warmup: float = Field(default=0.1, ge=0, le=1)
    weight_decay: float = Field(default=0.01, ge=0)
    clip: float = Field(default=1.0, gt=0)


class Stopping(Strict):
    """A share of the queries is held out; the best state by nDCG@10 on them is kept."""

    share: float = Field(default=0.1, ge=0, lt=1, description="of the queries; 0 trains to the end on all")
    every: int = Field(default=50, ge=1, description="steps between two looks")
    patience: int = Field(default=4, ge=1, description="looks without a better one before it stops")


class JudgedSource(Strict):
    """Lists from judgments (`--judgments`)."""

    size: int = Field(default=16, ge=2, le=128)
    lists_a_query: int = Field(default=2, ge=1)
    negatives: int = Field(default=0, ge=0, le=64)


class Sources(Strict):
    """What lists are made of; a source takes part when its file is given (titles: when it stands here)."""

    titles: Titles | None = None
    pools: Pools | None = None
    judgments: JudgedSource | None = None
    clicks: Clicks | None = None


class Teacher(Strict):
    """Whose scores `distill` imitates."""

    model: str = Field(
        description="`bi-encoder` (the base's own cosine), `list-context` (BM25 and that, with feedback from "
        "the list's best), a folder, or a hub name"
    )
    temperature: float = Field(default=1.0, gt=0, description="of both distributions over a list")
    scale: float = Field(default=1.0, gt=0, description="by which the teacher's scores are multiplied")
    margin: float = Field(
        default=0.0, ge=0, le=1, description="share of margin-MSE in the loss; the rest is KL"
    )


class Settings(Strict):
    """Everything that decides what comes out, but for the data files."""

    base: str = "minilm-l6"
    tuning: Literal["lora", "full"] = "lora"
    lora: Lora = Lora()
    max_length: int = Field(default=96, ge=16, le=512, description="tokens of a pair")
    losses: Mapping[LossName, float] = Field(default={"listwise": 1.0, "bce": 0.5})
    optimization: Optimization = Optimization()
    stopping: Stopping = Stopping()
    sources: Sources = Sources()
    teacher: Teacher | None = None
    dropout: float = Field(default=0.0, ge=0, lt=1, description="in the encoder; a fifth of the time on CPUs")
    seed: int = 0

    @model_validator(mode="after")
    def _makes_sense(self) -> "Settings":
        if not self.losses or min(self.losses.values()) < 0 or max(self.losses.values()) <= 0:
            raise ValueError("losses: name at least one with a weight above 0")
        if self.losses.get("distill", 0) > 0 and self.teacher is None:
            raise ValueError("losses: distill needs a teacher")
        return self

    @property
    def learning_rate(self) -> float:
        usual = 5e-4 if self.tuning == "lora" else 5e-5
        return self.optimization.learning_rate or usual

    def changed(self, changes: dict[str, Any], source: str) -> "Settings":
        """A copy with other values at dotted keys (`lora.rank`). Raises ConfigurationError."""
        data = self.model_dump()
        for key, value in changes.items():
            *path, last = key.split(".")
            part = data
            for name in path:
                if part.get(name) is None:
                    part[name] = {}
                part = part[name]
            part[last] = value
        return validate(data, Settings, source)


def load_recipe(name: str) -> Settings:
    """A recipe that comes with the package, or a YAML file. Raises ConfigurationError."""
    shipped = resources.files("sidecar.training").joinpath("recipes")
    names = sorted(file.name.removesuffix(".yml") for file in shipped.iterdir() if file.name.endswith(".yml"))
    if name in names:
        text = shipped.joinpath(f"{name}.yml").read_text(encoding="utf-8")
        return validate(yaml.safe_load(text) or {}, Settings, f"recipe {name}")
    if not Path(name).is_file():
        raise TrainingError(f"{name}: no such recipe. Give a YAML file, or one of {', '.join(names)}.")
    return load_yaml(Path(name), Settings)
