"""What rules did to one search, collected while they do it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sidecar.domain.ranking import RuleTouch
from sidecar.ranking.layout.act import Act

ACTED = "acted"
LOST = "lost"
HONOURED = "honoured"
NOT_HONOURED = "not honoured"
FAILED = "failed"
HELD_OUT = "held out"

LETTERS = {ACTED: "a", LOST: "l", HONOURED: "h", NOT_HONOURED: "x", FAILED: "f", HELD_OUT: "o"}
MATCHED_LETTER = "m"

BITS = {outcome: 1 << at for at, outcome in enumerate(LETTERS)}
BITS[HONOURED] |= BITS[ACTED]
"""Outcomes of a rule are added up bit by bit. A pin that stands where it should has acted."""

LETTERS_OF = [
    MATCHED_LETTER + "".join(sorted(letter for at, letter in enumerate(LETTERS.values()) if bits >> at & 1))
    for bits in range(1 << len(LETTERS))
]


@dataclass(frozen=True, slots=True)
class Told:
    """What one action came to, beside the hits that it touched."""

    rule: str
    action: str
    outcome: str
    detail: str = ""


@dataclass(slots=True)
class Telling:
    """`outcomes` are `BITS` by rule; `counts` by kind of action and outcome.

    `touches` by row and `told`, words for people, only where `explain`.
    """

    explain: bool = False
    outcomes: defaultdict[str, int] = field(default_factory=partial(defaultdict, int))
    counts: defaultdict[tuple[str, str], int] = field(default_factory=partial(defaultdict, int))
    touches: dict[int, list[RuleTouch]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def came_to(self, act: Act[Any], outcome: str, detail: str = "") -> None:
        """An action came to something."""
        self.outcomes[act.rule] |= BITS[outcome]
        self.counts[act.kind, outcome] += 1
        if self.explain:
            self.told.append(Told(act.rule, act.kind, outcome, detail))

    def acted(self, acts: Sequence[Act[Any]]) -> None:
        """Actions did what they are there for."""
        if self.explain:
            for act in acts:
                self.came_to(act, ACTED)
            return
        outcomes, bit = self.outcomes, BITS[ACTED]
        for act in acts:
            outcomes[act.rule] |= bit
        kinds = [act.kind for act in acts]
        for kind in set(kinds):
            self.counts[kind, ACTED] += kinds.count(kind)

    def saw(self, rule: str, outcome: str) -> None:
        """A rule came to something."""
        self.outcomes[rule] |= BITS[outcome]

    def touch(self, row: int, act: Act[Any], outcome: str, detail: str = "") -> None:
        """An action touched a hit, or tried to. To be called where `explain` only: words cost time."""
        self.touches.setdefault(row, []).append(RuleTouch(act.rule, act.kind, outcome, detail))

    def record(self, matched: Sequence[str]) -> str:
        """What each rule that matched came to, as JSON, which `Arranged.record` keeps: ids of rules are
        plain."""
        outcomes = self.outcomes.get
        told = ",".join([f'"{rule}":"{LETTERS_OF[outcomes(rule, 0)]}"' for rule in matched])
        return f"{{{told}}}"
