"""How alike hits are: the same value, or words in common."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from sidecar.ranking.layout.window import IndexArray, Window
from sidecar.ranking.standing import FloatArray

LONG = 3.0
"""Texts of more words than this on average are compared word by word, others as a whole."""


def likeness(fields: Mapping[str, float], rows: IndexArray, window: Window) -> FloatArray:
    """float64 [k, k], 0 to 1: the weighted mean over the fields of what each two of the rows share.

    Of a field it is the share of values (or words) in common, Jaccard's, so that one value is alike or not
    and two paths of categories are as far as they run together. A missing value is like nothing.
    """
    total = np.zeros((len(rows), len(rows)))
    weight = sum(fields.values())
    if weight <= 0:
        return total
    for name, share in fields.items():
        if share > 0:
            total += (share / weight) * _of_field(name, rows, window)
    return total


def _of_field(name: str, rows: IndexArray, window: Window) -> FloatArray:
    words = window.columns.words(name)
    chosen = [words[row] for row in rows.tolist()]
    filled = sum(map(bool, chosen))
    if sum(map(len, chosen)) > LONG * max(filled, 1):
        return shared_share(chosen)
    codes = window.columns.codes(name)[0][rows]
    if codes.shape[1] == 0:
        return np.zeros((len(rows), len(rows)))
    if codes.shape[1] == 1:
        return np.asarray((codes == codes.T) & (codes >= 0), np.float64)
    return shared_share([[code for code in row if code >= 0] for row in codes.tolist()])


def shared_share(sets: Sequence[Sequence[Hashable]]) -> FloatArray:
    """float64 [k, k]: Jaccard's index of each two sets, which may name a thing twice; 0 for empty ones."""
    numbers: dict[Hashable, int] = {}
    at_rows: list[int] = []
    at_columns: list[int] = []
    for row, members in enumerate(sets):
        at_rows += [row] * len(members)
        at_columns += [numbers.setdefault(member, len(numbers)) for member in members]
    table = np.zeros((len(sets), max(len(numbers), 1)), np.float32)
    table[at_rows, at_columns] = 1.0
    both = (table @ table.T).astype(np.float64)
    sizes = both.diagonal()
    either = sizes[:, None] + sizes[None, :] - both
    return np.asarray(both / np.maximum(either, 1.0))
