"""The answer to one search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from sidecar.domain.candidate import Candidate
from sidecar.domain.hiding_check import HidingCheck


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
    RULES_FAILED = "rules_failed"
    RULES_UNAVAILABLE = "rules_unavailable"
    RULE_SWITCHED_OFF = "rule_switched_off"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one part of a stage added to a hit's score."""

    stage: str
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class RuleTouch:
    """What one layout rule did, or tried to do, to a hit; `detail` says why, for people."""

    rule: str
    action: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FetchedHit:
    """A document that is no candidate and is to be brought in.

    `place` counts from 1 in the list that holds all such hits.
    """

    id: str
    index: str
    place: int
    rule: str


@dataclass(frozen=True, slots=True)
class PageSection:
    """A part of the pages of a list, for whoever sees which hits stand on one.

    `told` is what clients are told of it, as JSON has it, but for the `ids`. `only` are the ids of hits that
    it alone holds; it is left out of a page without any of them. A part that `flows` takes the next hits of
    the page that no part has for its own, at most `most` of them (None: all). `first_page`: on no other one.
    """

    told: Mapping[str, Any]
    only: Sequence[str] = ()
    flows: bool = False
    most: int | None = None
    first_page: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """What clients that asked for it are told about the page.

    `json` is one JSON object, or empty. `items` holds one JSON object (schema.org) for each candidate that
    is shown, best first, or nothing. `sections` are what any page of the list is made of; those in `json`
    are filled for the page that was asked for.
    """

    json: str = ""
    items: Sequence[str] = ()
    sections: Sequence[PageSection] = ()


@dataclass(slots=True)
class RankedHit:
    """A candidate's place in the answer, by position in the list. Scores never increase down the list."""

    id: str
    rank: int
    score: float
    contributions: Sequence[Contribution] = ()
    touches: Sequence[RuleTouch] = ()


@dataclass(slots=True)
class StageReport:
    """What one stage did; `took` is in seconds, `figures` are for people."""

    name: str
    took: float
    candidates: int
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Ranking:
    """The candidates that are shown, best first, and how that came about.

    `scores` [n] are finite and never increase; `contributions` and `touches` (what layout rules did) are
    empty, or hold one sequence for each candidate (explained searches). `removed` are the first-stage
    ranks of the candidates that must not be shown: with `candidates` they are all that were sent, each
    once. `fetched` are the documents to bring in, by place; `check` is what they are to be asked about before
    they are shown, or, of an answer about them, what was checked.
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
    removed: Sequence[int] = ()
    fetched: Sequence[FetchedHit] = ()
    layout: Layout | None = None
    touches: Sequence[Sequence[RuleTouch]] = ()
    check: HidingCheck | None = None

    @property
    def ranks(self) -> list[int]:
        """The candidates' first-stage ranks, best first."""
        return [candidate.rank for candidate in self.candidates]

    @property
    def hits(self) -> list[RankedHit]:
        """Candidate by candidate; made anew each time."""
        contributions = self.contributions or repeat(())
        touches = self.touches or repeat(())
        return [
            RankedHit(candidate.id, candidate.rank, score, parts, rules)
            for candidate, score, parts, rules in zip(
                self.candidates, self.scores, contributions, touches, strict=False
            )
        ]
