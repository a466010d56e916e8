"""What a crawler got for one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sidecar.domain.candidate import Candidate


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of results: its hits best first (a candidate's rank is its place on the page), and what
    `ext.reshelf` says. `total` is what the search engine counts; `incomplete` why ranking was not whole."""

    hits: Sequence[Candidate]
    total: int = 0
    incomplete: str = ""
    layout: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        """The documents' ids, best first."""
        return [hit.id for hit in self.hits]


@dataclass(frozen=True, slots=True)
class Crawled:
    """One query's pages as a crawler got them.

    `pages` are the first ones in turn, `whole` the same hits in one request. `repeated` are the orders of the
    first page when it was asked for again, `strangers` those that anonymous shoppers got.
    """

    query: str
    pages: Sequence[ResultPage]
    whole: Sequence[str] = ()
    repeated: Sequence[Sequence[str]] = ()
    strangers: Sequence[Sequence[str]] = ()

    @property
    def first(self) -> ResultPage:
        """The page that is crawled most."""
        return self.pages[0]
