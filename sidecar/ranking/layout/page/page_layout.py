"""Puts together what is told about the page."""

from collections.abc import Sequence
from typing import Any

from sidecar.config.profile import Profile
from sidecar.domain.ranking import Layout, PageSection
from sidecar.domain.search import Search
from sidecar.ranking.layout.page.explained import explained
from sidecar.ranking.layout.page.facets import first_facets
from sidecar.ranking.layout.page.facts import FilledSlot, PageFacts, PageTold
from sidecar.ranking.layout.page.page_json import page_json
from sidecar.ranking.layout.page.places import Shown, in_place
from sidecar.ranking.layout.page.sections import filled, parts_of
from sidecar.ranking.layout.page.structured_data import described
from sidecar.ranking.layout.page.variant import chosen


def wanted(search: Search) -> bool:
    """Whether anybody asked about the page. If not, its facts need not be gathered."""
    wish = search.layout
    return wish.metadata or wish.structured_data or wish.sponsored or search.explain


def page_layout(search: Search, profile: Profile, facts: PageFacts) -> PageTold:
    """What the search's client is told, no more than it asked for."""
    wish = search.layout
    items = described(facts, profile) if wish.structured_data else []
    if not (wish.metadata or wish.sponsored or search.explain):
        return PageTold(Layout(items=items) if items else None)
    variant, page = chosen(facts, search.context)
    shown = in_place(facts.candidates, facts.fetched)
    # Ads are for clients that label them; what the stage let through by mistake is not told either.
    slots = [slot for slot in facts.slots if slot.kind != "sponsored" or wish.sponsored]
    told: dict[str, Any] = {}
    parts: Sequence[PageSection] = ()
    if slots:
        told["slots"] = [_slot(slot, shown) for slot in slots]
    if wish.metadata or search.explain:
        if page is not None and page.sections:
            parts = parts_of(page.sections, shown, slots)
            told["sections"] = filled(parts, shown, search.page)
        if page is not None and page.facets is not None:
            told["facets"] = first_facets(page.facets, facts, search.understanding, profile)
        if variant:
            told["variant"] = {"rule": facts.page_rule, "name": variant}
        if facts.metadata:
            told["metadata"] = dict(facts.metadata)
    if search.explain:
        told["explain"] = explained(facts, profile)
    if not told and not items:
        return PageTold(None, variant)
    return PageTold(Layout(page_json(told) if told else "", items, parts), variant)


def _slot(slot: FilledSlot, shown: list[Shown]) -> dict[str, Any]:
    ranks = set(slot.ranks)
    mine = [hit for hit in shown if hit.rank in ranks]
    told: dict[str, Any] = {"name": slot.name, "kind": slot.kind}
    if slot.label:
        told["label"] = slot.label
    return {**told, "positions": [hit.place for hit in mine], "ids": [hit.id for hit in mine]}
