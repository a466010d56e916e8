"""Hits that look alike to a search engine, and pages that do."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sidecar.ranking.layout.page.hit_values import leading, words
from sidecar.seo.crawled import Crawled
from sidecar.seo.finding import Finding
from sidecar.seo.limits import Limits, Shop

FEWEST_WORDS = 3
"""Of shorter titles a share of common words says little."""


def duplicate_titles(crawled: Sequence[Crawled], shop: Shop, limits: Limits) -> Iterator[Finding]:
    """Hits of one page with the same title, or nearly the same."""
    for query in crawled:
        same, alike = titles_alike(query, shop, limits.similar)
        hits = len(query.first.hits)
        if same:
            yield Finding(
                "warning",
                "duplicate-title",
                query.query,
                f"{len(same)} of {hits} hits have another's title",
                "Collapse variants (`collapse: {field: …}`), or `diversify: {max_similar: {similarity: 1}}`.",
                same,
                len(same) / hits,
            )
        if alike:
            yield Finding(
                "note",
                "similar-title",
                query.query,
                f"{len(alike)} of {hits} hits have nearly the title of one above them",
                f"`diversify: {{max_similar: {{similarity: {limits.similar:g}}}}}` keeps one of each.",
                alike,
                len(alike) / hits,
            )


def titles_alike(query: Crawled, shop: Shop, similar: float) -> tuple[list[str], list[str]]:
    """The ids of hits of the first page whose title stands above already: to the letter; nearly."""
    seen_titles: set[str] = set()
    seen_words: list[frozenset[str]] = []
    same, alike = [], []
    for hit in query.first.hits:
        title = leading(hit.fields, shop.features.title).casefold()
        found = words(hit.fields, shop.features.title)
        if title and title in seen_titles:
            same.append(hit.id)
        elif len(found) >= FEWEST_WORDS and any(
            len(found & other) >= similar * len(found | other) for other in seen_words
        ):
            alike.append(hit.id)
        seen_titles.add(title)
        seen_words.append(found)
    return same, alike


def duplicate_pages(crawled: Sequence[Crawled], _shop: Shop, _limits: Limits) -> Iterator[Finding]:
    """Queries whose first pages hold the same hits: to a search engine they are one page at two addresses."""
    queries = defaultdict(list)
    for query in crawled:
        if query.first.hits:
            queries[frozenset(query.first.ids)].append(query.query)
    for same in queries.values():
        if len(same) > 1:
            yield Finding(
                "warning",
                "duplicate-page",
                same[0],
                f"the same hits as {', '.join(f'`{one}`' for one in same[1:4])}"
                + (f" and {len(same) - 4} more" if len(same) > 4 else ""),
                'Give these pages one canonical address (`<link rel="canonical">`).',
                share=len(same) / len(crawled),
            )
