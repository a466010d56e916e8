"""What is known of a page once its hits are in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sidecar.domain.candidate import Candidate
from sidecar.domain.ranking import FetchedHit, Layout
from sidecar.rules.language.telling import PageLayout


@dataclass(frozen=True, slots=True)
class FilledSlot:
    """A slot and the first-stage ranks of the hits that got its places."""

    name: str
    kind: Literal["sponsored", "recommended", "editorial"]
    label: str
    rule: str
    ranks: Sequence[int]


@dataclass(frozen=True, slots=True)
class HiddenHit:
    """A hit that is not shown, the rule that did it, and how: hide, filter, collapse."""

    id: str
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class PageFacts:
    """`candidates` are shown, best first; `incoming` are all candidates as they stood before layout.

    `fetched` are brought in at their places. `page` is the strongest rule's, `page_rule` its id. `likes` is
    what the shopper's taste added to a hit's score, by rank. `variants` are the hits that a shown one stands
    for, by its rank. `constraints` are the actions that were active, as JSON. `chance` answers a number in
    [0, 1) that stays the same for this shopper and the text it is given; None: nobody is known.
    """

    candidates: Sequence[Candidate]
    incoming: Sequence[Candidate]
    slots: Sequence[FilledSlot] = ()
    fetched: Sequence[FetchedHit] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    page: PageLayout | None = None
    page_rule: str = ""
    likes: Mapping[int, float] = field(default_factory=dict)
    variants: Mapping[int, Sequence[Candidate]] = field(default_factory=dict)
    hidden: Sequence[HiddenHit] = ()
    constraints: Sequence[Mapping[str, Any]] = ()
    chance: Callable[[str], float] | None = None


@dataclass(frozen=True, slots=True)
class PageTold:
    """What clients are told, None where there is nothing to tell; and the page's variant, or ""."""

    layout: Layout | None
    variant: str = ""
