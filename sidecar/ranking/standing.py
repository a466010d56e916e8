"""How the candidates stand between two stages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sidecar.domain.candidate import Candidate
from sidecar.domain.hiding_check import HidingCheck
from sidecar.domain.ranking import Contribution, FetchedHit, Layout, RuleTouch
from sidecar.ranking.signals import Signals

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arranged:
    """What layout rules did beside moving hits.

    `removed` are the first-stage ranks of hits that must not be shown; `fetched` documents that the window
    lacks, `check` what these are to be asked about before they are shown; `touches` is empty, or holds one
    sequence for each candidate that is shown (explained searches); `record` is what is remembered of the
    search with its served list.
    """

    removed: Sequence[int] = ()
    fetched: Sequence[FetchedHit] = ()
    touches: Sequence[Sequence[RuleTouch]] = ()
    layout: Layout | None = None
    record: Mapping[str, str] = field(default_factory=dict)
    check: HidingCheck | None = None


@dataclass(slots=True)
class Standing:
    """Candidates best first, with `scores` float64 [n], finite and never increasing.

    `contributions` is empty, or holds one sequence for each candidate (explained searches). `signals` are
    there from personalization on, where a profile has it. After layout `candidates` are those that are shown.
    """

    candidates: Sequence[Candidate]
    scores: FloatArray
    contributions: Sequence[Sequence[Contribution]] = field(default=())
    signals: Signals | None = None
    arranged: Arranged | None = None


def first_stage(candidates: Sequence[Candidate]) -> Standing:
    """The candidates as the first stage ordered them.

    The order is the authority and the score its size: a score above a better placed one's (another sort,
    scores not tracked) counts as that one's.
    """
    scores = np.array([candidate.score for candidate in candidates], np.float64)
    return Standing(candidates, np.minimum.accumulate(scores) if len(scores) else scores)
