"""One brand or category that fills a page."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sidecar.ranking.layout.page.hit_values import deepest, leading
from sidecar.seo.crawled import Crawled
from sidecar.seo.finding import Finding
from sidecar.seo.limits import Limits, Shop
from sidecar.text.tokens import tokens


def over_represented(crawled: Sequence[Crawled], shop: Shop, limits: Limits) -> Iterator[Finding]:
    """A brand that fills a page without being asked for. Of categories a note: a query often means one."""
    for query in crawled:
        if len(query.first.hits) < limits.fewest_hits:
            continue
        brand, share = greatest_brand(query, shop)
        if share > limits.greatest_share and not _named(query.query, brand):
            yield Finding(
                "warning",
                "one-brand",
                query.query,
                f"{share:.0%} of the hits are of `{brand}`, which the query does not name",
                f"`diversify: {{max_per_field: {{{shop.features.brand}: 4}}}}` caps it in the first ten.",
                share=share,
            )
        categories = [deepest(hit.fields, shop.features.category) for hit in query.first.hits]
        category, share = _greatest(categories)
        if share == 1 and not _named(query.query, category):
            yield Finding(
                "note",
                "one-category",
                query.query,
                f"all hits are of the category `{category}`",
                "Right where the query means it; otherwise diversify by category.",
                share=share,
            )


def greatest_brand(query: Crawled, shop: Shop) -> tuple[str, float]:
    """The first page's most frequent brand and its share of the hits."""
    return _greatest([leading(hit.fields, shop.features.brand) for hit in query.first.hits])


def _greatest(values: Sequence[str]) -> tuple[str, float]:
    counts = Counter(value for value in values if value)
    if not counts:
        return "", 0.0
    value, count = counts.most_common(1)[0]
    return value, count / len(values)


def _named(query: str, value: str) -> bool:
    """Whether the query has any of the value's words."""
    return not set(tokens(query)).isdisjoint(tokens(value))
