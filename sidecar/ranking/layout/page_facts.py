"""What the page's description needs to know of an arrangement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sidecar.domain.candidate import Candidate
from sidecar.domain.ranking import FetchedHit
from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.arrangement import Arrangement
from sidecar.ranking.layout.chances import Chance
from sidecar.ranking.layout.page.facts import FilledSlot, HiddenHit, PageFacts
from sidecar.ranking.layout.telling import ACTED, LOST, Telling
from sidecar.ranking.layout.window import Window
from sidecar.rules.language.telling import PageLayout


@dataclass(slots=True)
class PageWish:
    """What rules say about the page: the strongest rule's layout, the strongest rule's value of each key."""

    page: PageLayout | None = None
    page_rule: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


def page_wish(acts: Mapping[str, list[Act[Any]]], told: Telling) -> PageWish:
    """What the rules say about the page and about how personal it is; the weaker of two lose."""
    wish = PageWish()
    for act in acts.get("page", ()):
        if wish.page is None:
            wish.page, wish.page_rule = act.work, act.rule
            told.came_to(act, ACTED)
        else:
            told.came_to(act, LOST, f"the page is as rule {wish.page_rule} says")
    for act in acts.get("metadata", ()):
        fresh = {key: value for key, value in act.work.items() if key not in wish.metadata}
        wish.metadata.update(fresh)
        told.came_to(act, ACTED if fresh else LOST, "" if fresh else "stronger rules say all of it")
    for place, act in enumerate(acts.get("personalize", ())):
        told.came_to(act, LOST if place else ACTED, "a stronger rule's `personalize` counts" if place else "")
    return wish


def facts_of(
    window: Window,
    placed: Arrangement,
    wish: PageWish,
    told: Telling,
    *,
    likes: Mapping[int, float],
    chance: Chance | None,
) -> PageFacts:
    """The facts, as `page_layout` wants them."""
    candidates = window.candidates
    gone = set(placed.removed) if placed.removes else set()
    return PageFacts(
        candidates=[candidates[row] for row in placed.order],
        incoming=candidates,
        slots=[
            FilledSlot(
                slot.name,
                slot.act.work.settings.kind,
                slot.act.work.settings.label,
                slot.act.rule,
                [candidates[row].rank for row in slot.rows],
            )
            for slot in placed.slots
        ],
        fetched=[FetchedHit(one.id, one.index, one.place, one.rule) for one in placed.fetched],
        metadata=wish.metadata,
        page=wish.page,
        page_rule=wish.page_rule,
        likes=likes,
        variants=_variants(window, placed),
        hidden=_hidden(window, placed, told, gone),
        constraints=[
            {"rule": one.rule, "action": one.action, "outcome": one.outcome, "detail": one.detail}
            for one in told.told
        ],
        chance=chance,
    )


def _variants(window: Window, placed: Arrangement) -> dict[int, list[Candidate]]:
    variants: dict[int, list[Candidate]] = {}
    for row in placed.groups.folded_by:
        if not placed.hidden[row]:
            leader = window.candidates[int(placed.groups.leader[row])]
            variants.setdefault(leader.rank, []).append(window.candidates[row])
    return variants


def _hidden(window: Window, placed: Arrangement, told: Telling, gone: set[int]) -> list[HiddenHit]:
    """Only where the search is explained: else nobody noted which rule it was."""
    found = []
    for row in sorted(gone):
        folding = placed.groups.folded_by.get(row)
        if folding is not None and not placed.hidden[row]:
            found.append(HiddenHit(window.candidates[row].id, folding.rule, folding.kind))
            continue
        for touch in told.touches.get(row, ()):
            if touch.outcome == ACTED and touch.action in ("hide", "filter"):
                found.append(HiddenHit(window.candidates[row].id, touch.rule, touch.action))
                break
    return found
