"""Documents that rules want to bring in, looked at by the rules that hide by what documents say."""

from collections.abc import Sequence

import numpy as np

from sidecar.domain.candidate import Candidate
from sidecar.domain.hiding_check import HidingCheck
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.compiled import CompiledRules
from sidecar.ranking.layout.telling import Telling
from sidecar.ranking.layout.window import BoolArray, Window
from sidecar.rules.columns import Columns


def hidden_by(
    rules: CompiledRules, check: HidingCheck, documents: Sequence[Candidate], slow: float
) -> BoolArray | None:
    """bool [n]: which documents the rules that the check names hide; None where nobody can tell, since one of
    them is not there, or failed, or took longer than `slow` seconds."""
    named = frozenset(check.rules)
    holding = [rule for rule in rules.rules if rule.id in named]
    if len(holding) < len(named):
        return None
    window = Window(documents, Columns(documents, check.now), np.zeros(len(documents)), None, {})
    attempts = Attempts(Telling(), slow=slow)
    gone = np.zeros(len(documents), np.bool_)
    for act in rules.plan(holding).hiding:
        mask = attempts.of(act, act.work.mask, window)
        if mask is None:
            return None
        gone |= mask
    return gone
