"""Scores already known, so that a model reads a text for a query once."""

import hashlib
import math
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from sidecar.telemetry.metrics import Metrics

KEY_BYTES = 16

ENTRY_BYTES = 240
"""What one entry takes: key, number and their places in the ordered table; a test measures it."""


def normalised(query: str) -> str:
    """The query as it is scored and cached: compatible forms of letters, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", query).lower().split())


class ScoreCache:
    """The least recently used scores go when `max_bytes` are full."""

    def __init__(self, max_bytes: int, metrics: Metrics) -> None:
        self._max_entries = max_bytes // ENTRY_BYTES
        self._scores: OrderedDict[bytes, float] = OrderedDict()
        self._metrics = metrics

    @staticmethod
    def keys(query: str, model: str, texts: Iterable[str]) -> list[bytes]:
        """A key for each text, from the normalised query, the text's content and the model."""
        start = hashlib.blake2b(digest_size=KEY_BYTES)
        for part in (model, query):
            encoded = part.encode("utf-8", "surrogatepass")
            start.update(len(encoded).to_bytes(4, "big") + encoded)
        keys = []
        for text in texts:
            full = start.copy()
            full.update(text.encode("utf-8", "surrogatepass"))
            keys.append(full.digest())
        return keys

    def find(self, keys: Sequence[bytes]) -> list[float]:
        """The scores that are there; NaN for the others."""
        if not self._max_entries:
            return [math.nan] * len(keys)
        found = [self._scores.get(key, math.nan) for key in keys]
        hits = 0
        for key, score in zip(keys, found, strict=True):
            if score == score:  # not NaN
                self._scores.move_to_end(key)
                hits += 1
        self._metrics.cache_hits.inc(hits)
        self._metrics.cache_misses.inc(len(keys) - hits)
        return found

    def keep(self, keys: Sequence[bytes], scores: Sequence[float]) -> None:
        """Remembers scores; NaN ones are passed over."""
        for key, score in zip(keys, scores, strict=True):
            if score == score:
                self._scores[key] = score
                self._scores.move_to_end(key)
        surplus = len(self._scores) - self._max_entries
        for _ in range(surplus):
            self._scores.popitem(last=False)
        if surplus > 0:
            self._metrics.cache_evictions.inc(surplus)
        self._metrics.cache_bytes.set(self.bytes)

    @property
    def bytes(self) -> int:
        """Memory that the entries take."""
        return len(self._scores) * ENTRY_BYTES
