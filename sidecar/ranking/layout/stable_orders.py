"""One order a query and day for crawlers and anonymous shoppers.

What relevance says can differ from one search to the next: the model was late for some hits, was exchanged,
or figures of engagement changed. Remembered is what the day's first complete search found, before rules;
rules are then carried out on it anew, so that a hit which is sold out or hidden at noon is so at once.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sidecar.domain.search import Search
from sidecar.ranking.standing import FloatArray

MOST = 4_000
"""An order of 100 hits takes some 1.5 KB, with figures of engagement 8 KB."""

Key = bytes


@dataclass(frozen=True, slots=True)
class StableOrder:
    """`ranks` [n] are the first stage's, best first, with their `scores` and `engagement` float64 [n]; None
    while no rule has read any."""

    ranks: npt.NDArray[np.uint32]
    scores: FloatArray
    engagement: Mapping[str, FloatArray] | None = None


class StableOrders:
    """The least recently used go when `most` are there."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._orders: OrderedDict[Key, StableOrder] = OrderedDict()

    def find(self, key: Key) -> StableOrder | None:
        """The day's first complete order."""
        found = self._orders.get(key)
        if found is not None:
            self._orders.move_to_end(key)
        return found

    def keep(self, key: Key, order: StableOrder) -> None:
        """Remembers."""
        self._orders[key] = order
        self._orders.move_to_end(key)
        while len(self._orders) > self._most:
            self._orders.popitem(last=False)

    def __len__(self) -> int:
        return len(self._orders)


def key_of(search: Search, beside: Sequence[str]) -> Key:
    """What makes two searches the same: words, index, the first stage's hits in their order, and what else
    is told `beside` (the ranking profile, the day)."""
    query = " ".join(search.query.casefold().split())
    texts = [query, search.index, *beside, *[candidate.id for candidate in search.candidates]]
    indices = [candidate.index for candidate in search.candidates]
    if len(set(indices)) > 1:
        texts += indices
    whole = f"{len(texts)}\0" + "\0".join(texts)
    # No two lists of as many texts are the same text, unless some text holds the separator itself.
    if whole.count("\0") > len(texts):
        whole += str(list(map(len, texts)))
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).digest()
