"""Parts a run's lists into training and development so that no query is in both."""

import hashlib
from collections.abc import Iterable, Sequence

from sidecar.training.lists import TrainingList
from sidecar.training.words import terms


def query_key(query: str) -> str:
    """Equal for queries that differ only in case, width, spacing, punctuation, plural or word order."""
    return " ".join(sorted(terms(query))) or query


def in_development(query: str, share: float, seed: int) -> bool:
    """Whether a query is held out. The same query always falls on the same side, whatever else there is."""
    digest = hashlib.sha256(f"{seed} {query_key(query)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def split(
    lists: Iterable[TrainingList], share: float, seed: int
) -> tuple[Sequence[TrainingList], Sequence[TrainingList]]:
    """Lists to train on, and lists to stop by (about `share` of the queries)."""
    train: list[TrainingList] = []
    development: list[TrainingList] = []
    for found in lists:
        (development if in_development(found.query, share, seed) else train).append(found)
    return train, development
