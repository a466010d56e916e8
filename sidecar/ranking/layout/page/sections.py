"""The parts of a page, and which hits fill them."""

from collections.abc import Sequence
from typing import Any

from sidecar.domain.ranking import PageSection
from sidecar.domain.search import Page
from sidecar.ranking.layout.page.facts import FilledSlot
from sidecar.ranking.layout.page.places import Shown
from sidecar.rules.language.telling import Section


def parts_of(
    sections: Sequence[Section], shown: Sequence[Shown], slots: Sequence[FilledSlot]
) -> list[PageSection]:
    """What pages of the list of `shown` hits are made of, in the page's order.

    A strip and a sponsored section hold their slot's hits, which stand in no other section then; without any
    they are left out, as is a hero beyond the first page. A hero takes one hit unless it says more, a grid
    `rows` times `columns`, or all that are left.
    """
    by_name = {slot.name: slot for slot in slots}
    made = []
    for section in sections:
        if section.kind in ("strip", "sponsored"):
            slot = by_name.get(section.slot)
            only = [hit.id for hit in shown if slot is not None and hit.rank and hit.rank in slot.ranks]
            if only:
                made.append(PageSection(_told(section, slot), only))
        elif section.kind == "hero":
            made.append(PageSection(_told(section), flows=True, most=section.hits or 1, first_page=True))
        elif section.kind == "grid":
            made.append(PageSection(_told(section), flows=True, most=_most(section)))
        else:
            made.append(PageSection(_told(section)))
    return made


def filled(parts: Sequence[PageSection], shown: Sequence[Shown], asked: Page) -> list[dict[str, Any]]:
    """The page that was asked for, as JSON, with the ids of each part's hits on it."""
    end = asked.start + asked.size if asked.size else len(shown)
    here = [hit.id for hit in shown[asked.start : end]]
    owned = {one for part in parts for one in part.only}
    flow = [one for one in here if one not in owned]
    told = []
    for part in parts:
        if part.first_page and asked.start:
            continue
        if part.flows:
            taken, flow = (flow, []) if part.most is None else (flow[: part.most], flow[part.most :])
            told.append({**part.told, "ids": taken})
        elif part.only:
            own = set(part.only)
            ids = [one for one in here if one in own]
            if ids:
                told.append({**part.told, "ids": ids})
        else:
            told.append(dict(part.told))
    return told


def _most(section: Section) -> int | None:
    cells = section.rows * (section.columns or 1) if section.rows else None
    return min((limit for limit in (section.hits, cells) if limit is not None), default=None)


def _told(section: Section, slot: FilledSlot | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {"name": section.name, "kind": section.kind}
    for name in ("title", "text", "rows", "columns", "slot"):
        if value := getattr(section, name):
            told[name] = value
    if slot is not None and slot.label:
        told["label"] = slot.label
    return told
