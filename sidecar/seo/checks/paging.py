"""How pages hang together, and what they tell of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sidecar.seo.crawled import Crawled
from sidecar.seo.finding import Finding
from sidecar.seo.limits import Limits, Shop

LATE = "Pages fit together while every answer is whole: look at the findings `not-ranked` first."


def seams(crawled: Sequence[Crawled], _shop: Shop, _limits: Limits) -> Iterator[Finding]:
    """Hits that stand on two pages, and hits that stand on none."""
    for query in crawled:
        paged = [id_ for page in query.pages for id_ in page.ids]
        twice = sorted({id_ for id_ in paged if paged.count(id_) > 1})
        if twice:
            yield Finding(
                "error",
                "on-two-pages",
                query.query,
                f"{len(twice)} hits stand on more than one page",
                LATE,
                twice[:5],
            )
        lost = [id_ for id_ in query.whole if id_ not in paged]
        if lost:
            yield Finding(
                "error",
                "on-no-page",
                query.query,
                f"{len(lost)} of the first {len(query.whole)} hits stand on none of {len(query.pages)} pages",
                LATE,
                lost[:5],
            )


def paging_hints(crawled: Sequence[Crawled], _shop: Shop, _limits: Limits) -> Iterator[Finding]:
    """Whether `ext.reshelf.layout` tells the neighbours of a page and the places of its hits, and truly."""
    silent = [query for query in crawled if query.first.hits and "pages" not in query.first.layout]
    if silent:
        yield Finding(
            "note",
            "no-paging-hints",
            "",
            f"{len(silent)} of {len(crawled)} answers say nothing of the pages before and after them",
            "Is the plugin of this version? It tells them in `ext.reshelf.layout.pages`.",
            share=len(silent) / len(crawled),
        )
    for query in crawled:
        for number, page in enumerate(query.pages):
            start = sum(len(before.hits) for before in query.pages[:number])
            wrong = _wrong_neighbours(page.layout.get("pages"), start, len(page.hits), page.total)
            wrong += _wrong_places(page.layout.get("item_list"), start, len(page.hits))
            for reason in wrong:
                yield Finding("error", "wrong-hints", query.query, f"page {number + 1}: {reason}")


def _wrong_neighbours(pages: Any, start: int, hits: int, total: int) -> list[str]:
    if not isinstance(pages, Mapping) or not hits:
        return []
    wrong = []
    if bool(start) != ("previous" in pages):
        wrong.append("no page before it is told" if start else "a page before the first is told")
    if "next" in pages and start + hits >= total and pages.get("total", {}).get("relation", "eq") == "eq":
        wrong.append("a page after the last is told")
    return wrong


def _wrong_places(item_list: Any, start: int, hits: int) -> list[str]:
    if not isinstance(item_list, Mapping):
        return []
    elements = item_list.get("itemListElement", [])
    places = [element.get("position") for element in elements]
    if places != list(range(start + 1, start + 1 + hits)):
        return [f"the ItemList's positions are {places}, for {hits} hits behind {start}"]
    return []
