"""What is wrong with rules: where, why, and how to mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """An error keeps rules from being published; a warning does not.

    `file` is relative to the rules folder, `line` from 1 (0: the file as a whole), `rule` an id or "".
    `check` names what found it, as a stable word (unknown-key, dead-rule, missing-pin, …).
    """

    severity: Literal["error", "warning"]
    check: str
    file: str
    line: int
    rule: str
    reason: str
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        rule = f" rule `{self.rule}`:" if self.rule else ""
        return f"{place}:{rule} {self.reason}" + (f" {self.fix}" if self.fix else "")


class RulesInvalid(ValueError):
    """Rules that cannot be read at all. `problems` is never empty."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
