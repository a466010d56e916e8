"""What rules did to one search, collected while they do it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
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
NOTHING: frozenset[str] = frozenset()
ALONE = {outcome: frozenset({outcome}) for outcome in LETTERS}


@dataclass(frozen=True, slots=True)
class Told:
    """What one action came to, beside the hits that it touched."""

    rule: str
    action: str
    outcome: str
    detail: str = ""


@dataclass(slots=True)
class Telling:
    """`outcomes` are by rule; `touches` by row and `told`, words for people, only where `explain`."""

    explain: bool = False
    outcomes: dict[str, frozenset[str]] = field(default_factory=dict)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    touches: dict[int, list[RuleTouch]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def came_to(self, act: Act[Any], outcome: str, detail: str = "") -> None:
        """An action came to something."""
        self.saw(act.rule, outcome)
        self.counts[act.kind, outcome] += 1
        if self.explain:
            self.told.append(Told(act.rule, act.kind, outcome, detail))

    def acted(self, acts: Sequence[Act[Any]]) -> None:
        """Actions did what they are there for."""
        if self.explain:
            for act in acts:
                self.came_to(act, ACTED)
            return
        outcomes, alone = self.outcomes, ALONE[ACTED]
        for act in acts:
            known = outcomes.get(act.rule)
            outcomes[act.rule] = alone if known is None else known | alone
        kinds = [act.kind for act in acts]
        for kind in set(kinds):
            self.counts[kind, ACTED] += kinds.count(kind)

    def saw(self, rule: str, outcome: str) -> None:
        """A rule came to something."""
        known = self.outcomes.get(rule)
        if known is None:
            self.outcomes[rule] = ALONE[outcome]
        elif outcome not in known:
            self.outcomes[rule] = known | ALONE[outcome]

    def touch(self, row: int, act: Act[Any], outcome: str, detail: str = "") -> None:
        """An action touched a hit, or tried to. To be called where `explain` only: words cost time."""
        self.touches.setdefault(row, []).append(RuleTouch(act.rule, act.kind, outcome, detail))

    def letters(self, matched: Sequence[str]) -> dict[str, str]:
        """What each rule that matched came to."""
        return {rule: _letters(self.outcomes.get(rule, NOTHING)) for rule in matched}

    def record(self, matched: Sequence[str]) -> str:
        """The same as JSON, as `Arranged.record` keeps it: ids of rules are plain."""
        outcomes = self.outcomes.get
        told = ",".join([f'"{rule}":"{_letters(outcomes(rule, NOTHING))}"' for rule in matched])
        return f"{{{told}}}"


@lru_cache(maxsize=256)
def _letters(outcomes: frozenset[str]) -> str:
    """A pin that stands where it should has acted."""
    letters = {LETTERS[outcome] for outcome in outcomes}
    if HONOURED in outcomes:
        letters.add(LETTERS[ACTED])
    return MATCHED_LETTER + "".join(sorted(letters))
