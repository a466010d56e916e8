"""How alike hits are: the same value, or words in common."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sidecar.ranking.layout.window import IndexArray, Window
from sidecar.ranking.standing import FloatArray
from sidecar.text.folding import words

Codes = npt.NDArray[np.int32]

LONG = 3.0
"""Texts of more words than this on average are compared word by word, others as a whole."""

LOOKED_AT = 10

NEXT_TO_NOTHING = 1e-12
"""The weight of no field at all: what is divided by it is 0."""


def likeness(fields: Mapping[str, float], rows: IndexArray, window: Window) -> FloatArray:
    """float64 [k, k], 0 to 1: the weighted mean over the fields of what each two of the rows share.

    Of a field it is the share of values (or words) in common, Jaccard's, so that one value is alike or not
    and two paths of categories are as far as they run together. A field that one of the two lacks says
    nothing of them and is left out, as where diversity is measured: a hit is not another brand's for having
    none. Hits that have no field both are like nothing.
    """
    count = len(rows)
    total, weight = np.zeros((count, count)), np.full((count, count), NEXT_TO_NOTHING)
    for name, share in fields.items():
        if share <= 0:
            continue
        alike = _of_field(name, rows, window)
        total += share * alike
        known = alike.diagonal()  # 1 for whoever has a value, which is like itself
        weight += np.outer(share * known, known)
    return np.asarray(total / weight)


def _of_field(name: str, rows: IndexArray, window: Window) -> FloatArray:
    texts = window.columns.texts(name)
    chosen = [texts[row] for row in rows.tolist()]
    if _are_long(chosen):
        return _shared_words([words(one[0]) if len(one) == 1 else _words_of(one) for one in chosen])
    codes = window.columns.value_codes(name)[rows]
    if codes.shape[1] == 1:
        return np.asarray((codes == codes.T) & (codes >= 0), np.float64)
    return shared_share(codes)


def _are_long(texts: Sequence[Sequence[str]]) -> bool:
    """Told by the first few: the texts of one field are of a kind."""
    filled = list(itertools.islice((one for one in texts if one), LOOKED_AT))
    return sum(len(words(text)) for one in filled for text in one) > LONG * sum(map(len, filled))


def _words_of(texts: Sequence[str]) -> list[str]:
    return [word for text in texts for word in words(text)]


def _shared_words(texts: Sequence[Sequence[str]]) -> FloatArray:
    """float64 [k, k]: Jaccard's index of the words of each two texts; 0 for empty ones."""
    numbers = {word: number for number, word in enumerate(dict.fromkeys(itertools.chain(*texts)))}
    holds = np.zeros((len(texts), len(numbers)), np.float32)
    of_text = np.repeat(np.arange(len(texts)), list(map(len, texts)))
    holds[of_text, list(map(numbers.__getitem__, itertools.chain(*texts)))] = 1.0
    return _jaccard(holds)


def shared_share(codes: Codes) -> FloatArray:
    """float64 [k, k]: Jaccard's index of each two sets; 0 for empty ones.

    `codes` int32 [k, m] are what the sets hold, from 0, padded with -1; they may name a thing twice.
    """
    count = len(codes)
    holds = np.zeros((count, int(codes.max(initial=-1)) + 2), np.float32)
    holds[np.arange(count)[:, None], codes] = 1.0
    holds[:, -1] = 0.0  # where the padding went
    return _jaccard(holds)


def _jaccard(holds: npt.NDArray[np.float32]) -> FloatArray:
    """`holds` float32 [k, m]: 1 where a set holds a thing, else 0."""
    both = holds @ holds.T
    sizes = both.diagonal()
    either = sizes[:, None] + sizes - both
    return np.asarray(both / np.maximum(either, 1.0), np.float64)
