"""One search as the ranking stages see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.hiding_check import HidingCheck
from sidecar.domain.ranking import Skip
from sidecar.domain.understanding import Understanding


class Consent(Enum):
    """Whether a shopper agreed to be remembered. DENIED is always obeyed."""

    UNSPECIFIED = 0
    GRANTED = 1
    DENIED = 2


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who is searching. All empty: an anonymous shopper.

    `segments` are the groups that the shop says the shopper belongs to; layout rules ask for them.
    """

    client_id: str = ""
    session_id: str = ""
    user_id: str = ""
    consent: Consent = Consent.UNSPECIFIED
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """Where and when a search happens. `time` is timezone-aware, or None for the sidecar's clock.

    `crawler`: a program searches. It gets the unpersonalized order, and nothing is learned from it.
    `experiments` names the arm that the search is in, by experiment.
    """

    locale: str = ""
    device: str = ""
    channel: str = ""
    application: str = ""
    time: datetime | None = None
    crawler: bool = False
    experiments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """The page that the client asked for: hits `start` to `start + size`. A size of 0: it is not known."""

    start: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class LayoutWish:
    """What layout rules may do to the answer: what the caller can carry out and what its client asked for.

    `removes`: the caller leaves out hits that the answer does not hold; otherwise hidden hits go last.
    `fetches`: it brings in hits that are no candidates. `metadata`: the client reads what the rules say
    about the page. `structured_data`: it wants schema.org's description of each hit. `sponsored`: it
    labels paid places, so it may be given some. `checks`: the caller asks again about what it brings in; this
    is that second question where `check` is there, and the candidates are those documents.
    """

    removes: bool = False
    fetches: bool = False
    metadata: bool = False
    structured_data: bool = False
    sponsored: bool = False
    checks: bool = False
    check: HidingCheck | None = None


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """What a search is restricted to: every hit has one of the values in the field.

    Numbers are written like 42 and 9.5, flags like true and false.
    """

    field: str
    values: tuple[str, ...]


@dataclass(slots=True)
class Search:
    """One search: what was asked, by whom, and the candidates in the first stage's order (ranks rising).

    `skipped` is what was cut on the way in (a query or a text beyond its limit); the answer repeats it.
    `understanding` is what the query says, filled in before the ranking stages; None where that failed.
    `strength` is how far the search may be personal, 0 to 1; None for what the profile says. `filters` are
    what the search is restricted to, as far as it is plain equality.
    """

    query: str
    candidates: Sequence[Candidate]
    deadline: Deadline
    query_id: str = ""
    index: str = ""
    profile: str = ""
    shopper: Shopper = field(default_factory=Shopper)
    context: Context = field(default_factory=Context)
    explain: bool = False
    skipped: Sequence[Skip] = ()
    understanding: Understanding | None = None
    strength: float | None = None
    page: Page = field(default_factory=Page)
    layout: LayoutWish = LayoutWish()
    filters: Sequence[FieldFilter] = ()

    @property
    def browses(self) -> bool:
        """Whether no words are searched: the shopper looks at what there is, on a category page say."""
        return not self.query.strip()
