"""How the candidates stand between two stages."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sidecar.domain.candidate import Candidate
from sidecar.domain.ranking import Contribution
from sidecar.ranking.signals import Signals

FloatArray = npt.NDArray[np.float64]


@dataclass(slots=True)
class Standing:
    """Candidates best first, with `scores` float64 [n], finite and never increasing.

    `contributions` is empty, or holds one sequence for each candidate (explained searches). `signals` are
    there from personalization on, where a profile has it.
    """

    candidates: Sequence[Candidate]
    scores: FloatArray
    contributions: Sequence[Sequence[Contribution]] = field(default=())
    signals: Signals | None = None


def first_stage(candidates: Sequence[Candidate]) -> Standing:
    """The candidates as the first stage ordered them.

    The order is the authority and the score its size: a score above a better placed one's (another sort,
    scores not tracked) counts as that one's.
    """
    scores = np.array([candidate.score for candidate in candidates], np.float64)
    return Standing(candidates, np.minimum.accumulate(scores) if len(scores) else scores)
