"""What an index can say of rules."""

from collections.abc import Collection, Mapping
from typing import Protocol

from sidecar.rules.expression.node import FieldKind, Node


class IndexView(Protocol):
    """Looks into the index that rules are for. Its methods may raise what the index's client raises."""

    def mapping(self) -> Mapping[str, FieldKind]:
        """What each field is whose values a rule can read."""

    def any_matches(self, condition: Node) -> bool | None:
        """Whether any document matches; None where that takes too long to find out."""

    def missing(self, ids: Collection[str]) -> set[str]:
        """Those of the ids that no document has."""


class Names(Protocol):
    """The names that queries are understood by (a vocabulary)."""

    def knows(self, kind: str, name: str) -> bool:
        """Whether a brand, category or color of this name can be recognised in a query."""
