"""The parts of a page, and which hits fill them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sidecar.domain.search import Page
from sidecar.ranking.layout.page.facts import FilledSlot
from sidecar.ranking.layout.page.places import Shown
from sidecar.rules.language.telling import Section


def filled(
    sections: Sequence[Section], shown: Sequence[Shown], slots: Sequence[FilledSlot], asked: Page
) -> list[dict[str, Any]]:
    """The sections in the page's order, as JSON, with the ids of their hits on the page that was asked for.

    A strip and a sponsored section hold their slot's hits, which stand in no other section then; without any
    they are left out, as is a hero beyond the first page. A hero takes one hit unless it says more, a grid
    `rows` times `columns`, or all that are left.
    """
    end = asked.start + asked.size if asked.size else len(shown)
    here = shown[asked.start : end]
    by_name = {slot.name: slot for slot in slots}
    # Only what its own section shows is taken out of the flow.
    owned = {
        rank
        for section in sections
        if section.kind in ("strip", "sponsored") and section.slot in by_name
        for rank in by_name[section.slot].ranks
    }
    flow = iter([hit.id for hit in here if hit.rank not in owned or not hit.rank])
    told = []
    for section in sections:
        if section.kind == "hero" and asked.start:
            continue
        slot = by_name.get(section.slot)
        if section.kind in ("strip", "sponsored"):
            ids = [hit.id for hit in here if slot is not None and hit.rank and hit.rank in slot.ranks]
            if not ids:
                continue
        else:
            ids = _taken(section, flow)
        told.append(_json(section, slot, ids))
    return told


def _taken(section: Section, flow: Iterator[str]) -> list[str]:
    if section.kind == "hero":
        return list(islice(flow, section.hits or 1))
    if section.kind != "grid":
        return []
    cells = section.rows * (section.columns or 1) if section.rows else None
    limits = [limit for limit in (section.hits, cells) if limit is not None]
    return list(islice(flow, min(limits))) if limits else list(flow)


def _json(section: Section, slot: FilledSlot | None, ids: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"name": section.name, "kind": section.kind}
    for name in ("title", "text", "rows", "columns", "slot"):
        if value := getattr(section, name):
            told[name] = value
    if slot is not None and slot.label and section.kind in ("strip", "sponsored"):
        told["label"] = slot.label
    if section.kind in ("hero", "grid", "strip", "sponsored"):
        told["ids"] = list(ids)
    return told
