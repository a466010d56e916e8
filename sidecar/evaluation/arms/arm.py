"""What an arm of a comparison is: a way to search."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from opensearchpy import OpenSearch


@dataclass(frozen=True, slots=True)
class Answer:
    """Product ids, best first. `incomplete` says why the ranking is not all it should be; empty if it is.

    `versions` are those of sidecar, model, profile, … that decided, by their names.
    """

    ids: list[str]
    incomplete: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


class Arm(Protocol):
    """One way to search. `needs_pipeline`: the index must have the default search pipeline `reshelf`."""

    name: str
    needs_pipeline: bool
    reranks: bool
    """False: OpenSearch's own order, which cannot be incomplete."""

    def search(self, client: OpenSearch, index: str, query: str, size: int) -> Answer:
        """The best `size` products for the words of a shopper, by one plain `_search`.

        Raises ConfigurationError where asking again cannot help.
        """
        ...

    def warm(self, client: OpenSearch, index: str, query: str, size: int, /) -> str:
        """Before an incomplete search is asked again: give what was too slow the time that it takes.

        Answers why that did not help (a circuit breaker is open, …); empty if it did.
        """
        ...
