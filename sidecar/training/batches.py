"""Puts lists together to what one step of training takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from sidecar.training.catalogue import Catalogue
from sidecar.training.lists import TrainingList
from sidecar.training.pairs import Pairs, by_length

GROUP_TOKENS = 2048
"""Pairs of like length go through the model together, about so many tokens at a time: less padding."""


@dataclass(frozen=True)
class Example:
    """One list with the teacher's scores, float32 beside its products, or None."""

    list: TrainingList
    teacher: np.ndarray[Any, np.dtype[np.float32]] | None = None


class Examples(Dataset[Example]):
    """The lists of a run, by number."""

    def __init__(self, lists: Sequence[TrainingList], teacher: Mapping[int, Any] | None = None) -> None:
        self._lists = lists
        self._teacher = teacher or {}

    def __len__(self) -> int:
        return len(self._lists)

    def __getitem__(self, number: int) -> Example:
        return Example(self._lists[number], self._teacher.get(number))


class Collator:
    """Examples → tensors: the pairs in groups of like length, and padded [lists, longest] targets."""

    def __init__(self, pairs: Pairs, catalogue: Catalogue) -> None:
        self._pairs = pairs
        self._catalogue = catalogue

    def __call__(self, examples: Sequence[Example]) -> dict[str, Any]:
        rows: list[tuple[list[int], int]] = []
        longest = max(len(example.list.products) for example in examples)
        shape = (len(examples), longest)
        gains, teacher = torch.zeros(shape), torch.zeros(shape)
        there = torch.zeros(shape, dtype=torch.bool)
        for number, example in enumerate(examples):
            made = self._pairs.rows(
                example.list.query, [self._catalogue.text_of(p) for p in example.list.products]
            )
            rows += made
            there[number, : len(made)] = True
            gains[number, : len(made)] = torch.tensor(example.list.gains)
            if example.teacher is not None:
                teacher[number, : len(made)] = torch.from_numpy(example.teacher)
        groups = list(by_length(rows, GROUP_TOKENS))
        return {
            "groups": [self._pairs.batch([rows[number] for number in group]) for group in groups],
            "order": torch.tensor([number for group in groups for number in group]),
            "gains": gains,
            "teacher": teacher,
            "there": there,
            "weights": torch.tensor([example.list.weight for example in examples]),
        }
