"""Rules written for a check, and what the check says of them."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sidecar.domain.candidate import Candidate
from sidecar.rules.columns import Columns
from sidecar.rules.expression.compiled import CompiledFilter
from sidecar.rules.expression.node import FieldKind, Node
from sidecar.rules.folder import read_folder
from sidecar.rules.lint.linting import lint_rules
from sidecar.rules.problem import Problem

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def linted(text: str, **around: Any) -> list[Problem]:
    """What lint says of a file of rules."""
    with TemporaryDirectory() as folder:
        Path(folder, "a.yml").write_text(f"rules:\n{text}", encoding="utf-8")
        return lint_rules(read_folder(Path(folder)), now=NOW, **around)


def said(text: str, **around: Any) -> list[tuple[str, str, int, str]]:
    """Severity, check, line and rule of each problem; the text begins in line 2."""
    return [(one.severity, one.check, one.line, one.rule) for one in linted(text, **around)]


class MemoryIndex:
    """An index in memory."""

    MAPPING: Mapping[str, FieldKind] = {
        "title": "text",
        "brand": "text",
        "category": "text",
        "price": "number",
        "stock": "number",
        "rating": "number",
        "rating_count": "number",
        "released": "date",
        "in_stock": "flag",
    }

    def __init__(self, documents: Mapping[str, Mapping[str, Any]], *, all_read: bool = True) -> None:
        self._ids = set(documents)
        self._all_read = all_read
        self._columns = Columns(
            [
                Candidate(id_, place, 0.0, "", fields)
                for place, (id_, fields) in enumerate(documents.items(), 1)
            ],
            NOW.timestamp(),
        )

    def mapping(self) -> Mapping[str, FieldKind]:
        return self.MAPPING

    def any_matches(self, condition: Node) -> bool | None:
        found = bool(CompiledFilter("", condition).of(self._columns).any())
        return found if found or self._all_read else None

    def missing(self, ids: Collection[str]) -> set[str]:
        return set(ids) - self._ids


SHOP = MemoryIndex(
    {
        "A1": {"title": ["Red shoes"], "brand": ["Acme"], "price": [10.0], "stock": [3.0]},
        "A2": {"title": ["Blue boots"], "brand": ["Ümlaut"], "price": [50.0], "stock": [0.0]},
    }
)
