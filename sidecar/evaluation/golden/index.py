"""What golden tests want of an index."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sidecar.domain.candidate import Candidate, FieldValues
from sidecar.domain.search import FieldFilter


class TestedIndexes(Protocol):
    """Indexes of a cluster, by name. Both methods raise ClusterError."""

    def hits(self, index: str, query: str, filters: Sequence[FieldFilter]) -> Sequence[Candidate]:
        """The hits for a query under filters."""
        ...

    def fetched(
        self, index: str, ids: Sequence[str], filters: Sequence[FieldFilter]
    ) -> Mapping[str, Mapping[str, FieldValues]]:
        """The fields of documents by id, of those that are there and that the filters let through."""
        ...
