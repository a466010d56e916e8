"""What cannot be bought, high up."""

from collections.abc import Iterator, Sequence

from sidecar.ranking.layout.page.product import in_stock
from sidecar.seo.crawled import Crawled
from sidecar.seo.finding import Finding
from sidecar.seo.limits import Limits, Shop


def unavailable_high_up(crawled: Sequence[Crawled], shop: Shop, limits: Limits) -> Iterator[Finding]:
    """Hits out of stock among the first places, or many of them on a page."""
    for query in crawled:
        places = unavailable(query, shop)
        hits = query.first.hits
        high = [place for place in places if place <= limits.top_places]
        if high or len(places) > limits.unavailable_share * len(hits):
            yield Finding(
                "warning",
                "out-of-stock",
                query.query,
                f"{len(places)} of {len(hits)} hits are out of stock"
                + (f", at place {', '.join(map(str, high))}" if high else ""),
                "The action `demote_unavailable: {}` puts them below what can be bought.",
                [hits[place - 1].id for place in places][:5],
                len(places) / len(hits),
            )


def unavailable(query: Crawled, shop: Shop) -> list[int]:
    """The places, from 1, of the first page's hits whose stock is known to be nothing."""
    return [place for place, hit in enumerate(query.first.hits, 1) if in_stock(hit, shop.named) is False]
