"""The answer to one search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from sidecar.domain.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Skip:
    """What a stage left out and why. `reason` is one of `SkipReason`; `candidates` 0 means all."""

    stage: str
    reason: str
    candidates: int = 0


class SkipReason:
    """The stable words of `Skip.reason` and of the metrics' label, as the contract lists them."""

    NO_QUERY_TEXT = "no_query_text"
    NO_CANDIDATES = "no_candidates"
    OUT_OF_TIME = "out_of_time"
    PARTLY_SCORED = "partly_scored"
    SCORER_UNAVAILABLE = "scorer_unavailable"
    MODEL_UNAVAILABLE = "model_unavailable"
    MODEL_CHANGED = "model_changed"
    SCORER_OVERLOADED = "scorer_overloaded"
    SCORER_FAILED = "scorer_failed"
    UNKNOWN_PROFILE = "unknown_profile"
    TRUNCATED_QUERY = "truncated_query"
    TRUNCATED_TEXT = "truncated_text"
    INTERNAL_ERROR = "internal_error"
    SWITCHED_OFF = "switched_off"
    NO_CONSENT = "no_consent"
    CRAWLER = "crawler"
    STORE_UNAVAILABLE = "store_unavailable"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one part of a stage added to a hit's score."""

    stage: str
    name: str
    value: float


@dataclass(slots=True)
class RankedHit:
    """A candidate's place in the answer, by position in the list. Scores never increase down the list."""

    id: str
    rank: int
    score: float
    contributions: Sequence[Contribution] = ()


@dataclass(slots=True)
class StageReport:
    """What one stage did; `took` is in seconds, `figures` are for people."""

    name: str
    took: float
    candidates: int
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Ranking:
    """Every candidate once, best first, and how that came about.

    `scores` [n] are finite and never increase; `contributions` is empty, or holds one sequence for each
    candidate (explained searches).
    """

    candidates: Sequence[Candidate]
    scores: Sequence[float]
    contributions: Sequence[Sequence[Contribution]]
    stages: Sequence[StageReport]
    skipped: Sequence[Skip]
    versions: Mapping[str, str]
    query_id: str
    reranked: bool
    took: float

    @property
    def ranks(self) -> list[int]:
        """The candidates' first-stage ranks, best first."""
        return [candidate.rank for candidate in self.candidates]

    @property
    def hits(self) -> list[RankedHit]:
        """Candidate by candidate; made anew each time."""
        contributions = self.contributions or repeat(())
        return [
            RankedHit(candidate.id, candidate.rank, score, parts)
            for candidate, score, parts in zip(self.candidates, self.scores, contributions, strict=False)
        ]
