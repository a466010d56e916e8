"""One search with two sets of rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

NO_WORDS = "(no words)"


@dataclass(frozen=True, slots=True)
class Badge:
    """What a rule did to a hit."""

    action: str
    rule: str
    outcome: str = "acted"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A hit for people. `place` is from 1; 0: it is not shown. `fetched`: the first stage did not find it."""

    id: str
    place: int
    title: str = ""
    line: str = ""
    image: str = ""
    badges: Sequence[Badge] = ()
    fetched: bool = False


@dataclass(frozen=True)
class Side:
    """A search's hits under one set of rules; `hidden` are those that it does not show, and `acting` the ids
    of the rules that did something."""

    shown: Sequence[Hit]
    hidden: Sequence[Hit] = ()
    acting: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """Where a hit was and where it would be; None: it is not shown."""

    id: str
    before: int | None
    after: int | None

    @property
    def places(self) -> int:
        """How many places it rises; 0 for one that comes or goes."""
        return 0 if self.before is None or self.after is None else self.before - self.after


@dataclass(frozen=True)
class QueryPreview:
    """One query. `size` hits are looked at; `note` says what was not as usual."""

    query: str
    live: Side
    draft: Side
    size: int
    note: str = ""
    moves: Sequence[Move] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "moves", _moves(self.live, self.draft, self.size))

    @property
    def title(self) -> str:
        """The query for people."""
        return self.query.strip() or NO_WORDS

    @property
    def changed(self) -> bool:
        """Whether shoppers would see another list."""
        return bool(self.moves)

    def to_json(self) -> dict[str, Any]:
        """For `--json`: lists of the first hits, and the moves."""
        return {
            "query": self.query,
            "changed": self.changed,
            "note": self.note,
            "live": _side(self.live, self.size),
            "draft": _side(self.draft, self.size),
            "moves": [{"id": move.id, "before": move.before, "after": move.after} for move in self.moves],
        }


@dataclass(frozen=True)
class Preview:
    """All queries, those that change most first. `live` is the version's name, `draft` the
    digest of the rules."""

    index: str
    live: str
    draft: str
    made: str
    queries: Sequence[QueryPreview]
    context: str = ""

    @property
    def changed(self) -> Sequence[QueryPreview]:
        """The queries whose lists differ."""
        return [found for found in self.queries if found.changed]

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "index": self.index,
            "live": self.live,
            "draft": self.draft,
            "made": self.made,
            "context": self.context,
            "changed": len(self.changed),
            "queries": [found.to_json() for found in self.queries],
        }


def _moves(live: Side, draft: Side, size: int) -> list[Move]:
    """What differs among the first hits, in the draft's order; then what is gone from them."""
    before = {hit.id: hit.place for hit in live.shown}
    after = {hit.id: hit.place for hit in draft.shown}
    found = [
        Move(hit.id, before.get(hit.id), hit.place)
        for hit in draft.shown[:size]
        if before.get(hit.id) != hit.place
    ]
    named = {move.id for move in found}
    found += [
        Move(hit.id, hit.place, after.get(hit.id))
        for hit in live.shown[:size]
        if hit.id not in named and after.get(hit.id) != hit.place
    ]
    return found


def _side(side: Side, size: int) -> dict[str, Any]:
    return {
        "acting": list(side.acting),
        "hits": [_hit(hit) for hit in side.shown[:size]],
        "hidden": [_hit(hit) for hit in side.hidden],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    told: dict[str, Any] = {"id": hit.id, "place": hit.place or None, "title": hit.title}
    if hit.fetched:
        told["fetched"] = True
    if hit.badges:
        told["rules"] = [
            {"rule": badge.rule, "action": badge.action, "outcome": badge.outcome, "detail": badge.detail}
            for badge in hit.badges
        ]
    return told
