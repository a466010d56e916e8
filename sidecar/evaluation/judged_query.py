"""One judged query, and a row of a file that is none."""

from dataclasses import dataclass
from typing import NamedTuple

LABELS = ("E", "S", "C", "I")


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """One query: the line it stands on, its words, and label by product id."""

    line: int
    text: str
    labels: dict[str, str]


class BadRow(NamedTuple):
    """A row that says nothing that can be used, and why."""

    line: int
    why: str
