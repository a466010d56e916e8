"""A shopper's profile, as it is in memory."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.event import EventKind

MOST_KEYS = 64
"""Preferences of a profile, slopes among them: as many as fit into 2 KB with all the rest."""
MOST_INTEREST = 32
KEYS_FOR_INTEREST = 2
"""So many fewer where an interest in vectors takes their place."""
MOST_RECENT = 32
MOST_PAGES = 3
MOST_OUTCOMES = 10
MOST_KINDS = 17

DIGEST_PREFIX = 6
"""Bytes of an event's digest that are kept: 32 of them meet a stranger's once in 10^13 events."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """One of the last events; `digest` is the first bytes of its digest, `time` seconds since 1970."""

    digest: bytes
    kind: EventKind
    time: float


@dataclass(slots=True)
class OpenPage:
    """A search whose events may not all be there yet. When it closes, what was not clicked is learned from.

    `query` is the query's key (16 bytes), `time` that of its last event, `deepest` the deepest place that was
    told to be seen (from 0; −1: none), `outcomes` the strongest event by place.
    """

    query: bytes
    time: float
    deepest: int = -1
    outcomes: dict[int, EventKind] = field(default_factory=dict)


@dataclass(slots=True)
class Taste:
    """What is known of a shopper. Changed in place by `taste.update`.

    `keys` uint32 [k], rising. `long_mean`, `session_mean` [k] are preferences in logits of a click, and
    `long_information`, `session_information` [k] what observations added to the prior's precision, all as of
    `updated` (seconds since 1970). `seen` [k]: when each was last learned from. `evidence`: by how many nats
    these preferences foretold the clicks better than relevance alone; `evidence_of`: the same for those of
    one attribute or slope, by `kind_key`. `learned`: events learned from. `interest` float64 [r]: what the
    shopper likes among items' vectors (`taste.interest`), [0] where nothing is known of it;
    `interest_information`: what observations added to the prior's precision in each direction.
    """

    updated: float
    keys: NDArray[np.uint32]
    long_mean: Numbers
    long_information: Numbers
    session_mean: Numbers
    session_information: Numbers
    seen: Numbers
    evidence: float = 0.0
    evidence_of: dict[int, float] = field(default_factory=dict)
    learned: int = 0
    recent: list[RecentEvent] = field(default_factory=list)
    pages: list[OpenPage] = field(default_factory=list)
    interest: Numbers = field(default_factory=lambda: np.zeros(0))
    interest_information: float = 0.0

    @classmethod
    def empty(cls, now: float) -> Self:
        """A shopper of whom nothing is known."""
        none = np.zeros(0)
        return cls(now, np.zeros(0, np.uint32), none, none.copy(), none.copy(), none.copy(), none.copy())

    def copy(self) -> Self:
        """A profile of its own with the same content."""
        return type(self)(
            self.updated,
            self.keys.copy(),
            self.long_mean.copy(),
            self.long_information.copy(),
            self.session_mean.copy(),
            self.session_information.copy(),
            self.seen.copy(),
            self.evidence,
            dict(self.evidence_of),
            self.learned,
            list(self.recent),
            [OpenPage(page.query, page.time, page.deepest, dict(page.outcomes)) for page in self.pages],
            self.interest.copy(),
            self.interest_information,
        )

    @property
    def most_keys(self) -> int:
        """How many preferences have room."""
        return MOST_KEYS - (KEYS_FOR_INTEREST if len(self.interest) else 0)

    def has_seen(self, digest: bytes) -> bool:
        """Whether the event with this digest is among the last ones."""
        prefix = digest[:DIGEST_PREFIX]
        return any(event.digest == prefix for event in self.recent)

    def page_of(self, query: bytes) -> OpenPage | None:
        """The open page of a query, or None."""
        return next((page for page in self.pages if page.query == query), None)
