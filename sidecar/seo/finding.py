"""What the audit found, and how to mend it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""Worst first. error: search engines get something wrong; warning: something poor; note: worth a look."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is a stable word; `query` is "" for what concerns all pages; `ids` are examples.

    `share` of the pages or products looked at, 0 to 1, where that can be said.
    """

    severity: Severity
    check: str
    query: str
    reason: str
    fix: str = ""
    ids: Sequence[str] = ()
    share: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in ("", (), [], None)}
