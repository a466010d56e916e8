"""Pages with little on them."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from sidecar.domain.candidate import Candidate
from sidecar.ranking.layout.page.hit_values import leading
from sidecar.seo.crawled import Crawled
from sidecar.seo.finding import Finding
from sidecar.seo.limits import Limits, Shop


def title_width(hit: Candidate, shop: Shop) -> int:
    """In Latin letters: a Chinese sign is as wide as two, and says as much."""
    return cell_len(leading(hit.fields, shop.features.title))


def thin_pages(crawled: Sequence[Crawled], shop: Shop, limits: Limits) -> Iterator[Finding]:
    """Pages without hits, with few, or with titles that say little."""
    for query in crawled:
        hits = query.first.hits
        if not hits:
            yield Finding(
                "error",
                "empty-page",
                query.query,
                "nothing is found",
                "Keep such a page out of the index (`noindex`), or bring hits in with a rule.",
                share=1.0,
            )
            continue
        if len(hits) < limits.fewest_hits:
            yield Finding(
                "warning",
                "thin-page",
                query.query,
                f"only {len(hits)} hits",
                "Keep such a page out of the index (`noindex`) until there are more.",
                query.first.ids,
            )
        short = [hit.id for hit in hits if len(leading(hit.fields, shop.features.title)) < limits.short_title]
        if short:
            yield Finding(
                "note",
                "short-title",
                query.query,
                f"{len(short)} of {len(hits)} hits have a title below {limits.short_title} letters",
                "Titles are what these pages consist of: let them say what the product is.",
                short[:5],
                len(short) / len(hits),
            )
