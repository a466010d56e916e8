"""What is to be built from what was asked for, and the fingerprint that follows from it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.inference.bi_encoder import BiEncoder
from sidecar.inference.cross_encoder import CrossEncoder
from sidecar.inference.model_folder import FORMAT, TOKENIZER
from sidecar.model.adapter import Adapter, is_adapter, read_adapter
from sidecar.model.bert import Bert, has_tensor, read_bert
from sidecar.model.checksums import sha256_of, sha256_of_text
from sidecar.model.errors import ModelError
from sidecar.model.head import CLASSIFIER
from sidecar.model.precision import PRECISIONS
from sidecar.model.weights import DEFAULT, WeightsFolder, find_weights, short_name

RECIPE = 5
"""Goes up whenever the same weights would give other scores, so that cached scores are not mixed."""
TEXT_MAX_LENGTHS = range(64, 257)
PAIR_MAX_LENGTHS = range(64, 513)
DEFAULT_TEXT_MAX_LENGTH = 64
DEFAULT_PAIR_MAX_LENGTH = 96
SHIPPED_ADAPTER = Path(__file__).with_name("adapters") / "default"
DEFAULT_ADAPTER = "default"
NONE = "none"
SPECIAL_TOKENS = 3
"""Of a pair: [CLS] and two [SEP]."""


@dataclass(frozen=True)
class Base:
    """Weights on disk and the encoder that they are of."""

    source: WeightsFolder
    bert: Bert

    @property
    def tokenizer(self) -> Path:
        """Its file."""
        return self.source.folder / TOKENIZER

    @property
    def sha256(self) -> str:
        """Of the weights."""
        return sha256_of(self.source.folder / "model.safetensors")

    def described(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "source": self.source.source,
            "sha256": self.sha256,
            "tokenizer_sha256": sha256_of(self.tokenizer),
        }

    def shape(self) -> dict[str, Any]:
        """For the manifest: what the weights alone do not say."""
        bert = self.bert
        return {"layers": bert.layers, "heads": bert.heads, "pooling": bert.pooling, "epsilon": bert.epsilon}


@dataclass(frozen=True)
class Recipe:
    """`base` with `adapter` is what scores; `vectors` is what makes a cross-encoder's vectors."""

    kind: str
    base: Base
    adapter: Adapter | None
    adapter_name: str
    vectors: Base | None
    precision: str
    max_length: int

    def manifest(self) -> dict[str, Any]:
        """The manifest but for the files' checksums. The fingerprint follows from the inputs alone, so that
        it is the same on every machine and known before anything is built."""
        cross = self.kind == CrossEncoder.KIND
        weights, shape = self.base.described(), self.base.shape()
        parts: dict[str, Any] = {}
        if cross:
            parts = {
                "adapter": self.adapter
                and {"name": self.adapter_name, "rank": self.adapter.rank, "sha256": self.adapter.sha256},
                "text_max_length": DEFAULT_TEXT_MAX_LENGTH,
                "vectors": self.vectors and {**self.vectors.described(), **self.vectors.shape()},
            }
        sums = [weights["sha256"], weights["tokenizer_sha256"]]
        decides = [RECIPE, self.kind, self.precision, self.max_length, shape, *sums, *parts.values()]
        name = self.base.source.name + (f"+{self.adapter_name}" if self.adapter else "")
        embeds = self.vectors if cross else self.base
        return {
            "format": FORMAT,
            "fingerprint": f"{name}-{self.precision}@{sha256_of_text(json.dumps(decides))[:8]}",
            "kind": self.kind,
            "precision": self.precision,
            "max_length": self.max_length,
            "dimensions": embeds.bert.dimensions if embeds else 0,
            "recipe": RECIPE,
            "architecture": shape,
            "weights": weights,
            **parts,
        }


def decide(
    *, cache: Path, weights: str, adapter: str, vectors: str, precision: str, max_length: int | None
) -> Recipe:
    """See `build_model` for what each may be. Downloads weights into `cache`. Raises ModelError."""
    if precision not in PRECISIONS:
        raise ModelError(f"precision {precision!r}: choose one of {', '.join(PRECISIONS)}.")
    base = _base(weights, cache)
    folder = _adapter_folder(adapter, weights)
    cross = folder is not None or has_tensor(base.source.folder / "model.safetensors", CLASSIFIER)
    lengths = PAIR_MAX_LENGTHS if cross else TEXT_MAX_LENGTHS
    max_length = max_length or (DEFAULT_PAIR_MAX_LENGTH if cross else DEFAULT_TEXT_MAX_LENGTH)
    if max_length not in lengths:
        raise ModelError(f"max_length {max_length}: choose {lengths.start} to {lengths.stop - 1}.")
    if max_length > base.bert.positions:
        raise ModelError(
            f"max_length {max_length}: these weights know {base.bert.positions} positions at most."
        )
    if cross:
        _check_pairs(base)
    return Recipe(
        kind=CrossEncoder.KIND if cross else BiEncoder.KIND,
        base=base,
        adapter=read_adapter(folder, base.bert, base.sha256) if folder else None,
        adapter_name=short_name(folder.resolve().name) if folder else "",
        vectors=_base(vectors, cache) if cross and vectors != NONE else None,
        precision=precision,
        max_length=max_length,
    )


def _base(weights: str, cache: Path) -> Base:
    source = find_weights(weights, cache)
    return Base(source, read_bert(source.folder))


def _adapter_folder(adapter: str, weights: str) -> Path | None:
    """The folder that is meant; "default" means none where none is shipped for these weights."""
    if adapter == NONE:
        return None
    if adapter == DEFAULT_ADAPTER:
        return SHIPPED_ADAPTER if weights == DEFAULT and is_adapter(SHIPPED_ADAPTER) else None
    folder = Path(adapter).expanduser()
    if not folder.is_dir():
        raise ModelError(
            f"adapter {adapter}: no such folder. Give one in PEFT's format, `{DEFAULT_ADAPTER}` or `{NONE}`."
        )
    return folder


def _check_pairs(base: Base) -> None:
    """Raise ModelError for a tokenizer that does not put a pair together as BERT does."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(base.tokenizer))
        types, special = tokenizer.encode("a", "b").type_ids, tokenizer.num_special_tokens_to_add(True)
    except Exception as error:  # tokenizers raises bare Exception
        raise ModelError(f"{base.tokenizer}: cannot be read: {error}") from error
    if set(types) != {0, 1} or special != SPECIAL_TOKENS:
        raise ModelError(
            f"{base.tokenizer}: a pair gets {special} special tokens and token types {sorted(set(types))}."
            " A cross-encoder needs [CLS] query [SEP] text [SEP] of the types 0 and 1, as BERT's own makes."
        )
