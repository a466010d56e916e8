"""Texts as vectors by the base model itself, as the bi-encoder makes them when it serves."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from sidecar.training.batches import GROUP_TOKENS
from sidecar.training.pairs import Pairs, by_length

Vectors = NDArray[np.float32]


def embed(
    model: nn.Module, pairs: Pairs, texts: Sequence[str], tell: Callable[[float], None] = lambda _: None
) -> Vectors:
    """Unit vectors [texts, dimensions]: token vectors averaged, as sentence-transformers does."""
    rows = [pairs.single(text) for text in texts]
    vectors: list[Any] = [None] * len(rows)
    done = 0
    with torch.no_grad():
        for group in by_length(rows, GROUP_TOKENS):
            batch = pairs.batch([rows[number] for number in group])
            states = model(**batch).last_hidden_state
            mask = batch["attention_mask"][:, :, None]
            found = functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1).numpy()
            for number, vector in zip(group, found, strict=True):
                vectors[number] = vector
            done += len(group)
            tell(done / len(rows))
    return np.asarray(vectors, np.float32)
