"""What structured data lacks, property by property."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sidecar.domain.candidate import Candidate
from sidecar.ranking.layout.page.product import product_of
from sidecar.seo.crawled import Crawled
from sidecar.seo.finding import Finding
from sidecar.seo.limits import Limits, Shop

# As Google documents them for product snippets and merchant listings in lists of results:
# https://developers.google.com/search/docs/appearance/structured-data/product-snippet
REQUIRED = ("name", "offers or aggregateRating", "url")
RECOMMENDED = ("image", "brand", "description", "offers", "offers.availability", "aggregateRating")


def missing_fields(crawled: Sequence[Crawled], shop: Shop, limits: Limits) -> Iterator[Finding]:
    """Required and recommended properties that products lack, by how many do."""
    products = distinct(crawled)
    if not products:
        return
    if not shop.told:
        yield Finding(
            "warning",
            "no-structured-data",
            "",
            "the profile does not say where structured data finds what it tells; pages get positions and ids",
            "Write `layout.structured_data` in the ranking profile. Counted below: by the usual field names.",
        )
    found = lacking(products, shop)
    for name, ids in found.items():
        outer, nested, _ = name.partition(".")
        # A part lacks only where the whole is there: else the whole is what lacks.
        possible = len(products) - (len(found[outer]) if nested else 0)
        if not ids:
            continue
        share = len(ids) / possible
        required = name in REQUIRED
        yield Finding(
            ("error" if required else "warning") if share > limits.missing_share else "note",
            "missing-field",
            "",
            f"{len(ids)} of {possible} products {f'with `{outer}` ' if nested else ''}have no "
            f"{'required' if required else 'recommended'} `{name}`",
            f"It is read from {_read_from(name, shop)}."
            + (_why_none(name, shop, products) if share == 1 else ""),
            ids[:5],
            share,
        )


def distinct(crawled: Sequence[Crawled]) -> list[Candidate]:
    """Every hit of the crawled pages once."""
    hits = {(hit.index, hit.id): hit for query in crawled for page in query.pages for hit in page.hits}
    return list(hits.values())


def lacking(products: Sequence[Candidate], shop: Shop) -> dict[str, list[str]]:
    """By property the ids of the products that lack it, described by the code that serves. What is a part of
    another property lacks where that one is there."""
    found: dict[str, list[str]] = {name: [] for name in (*REQUIRED, *RECOMMENDED)}
    for candidate in products:
        product = product_of(candidate, shop.named)
        for name, ids in found.items():
            outer, nested, _ = name.partition(".")
            if not _has(product, name) and (not nested or outer in product):
                ids.append(candidate.id)
    return found


def _has(product: Mapping[str, Any], name: str) -> bool:
    if " or " in name:
        return any(_has(product, one) for one in name.split(" or "))
    first, _, rest = name.partition(".")
    return first in product and (not rest or _has(product[first], rest))


def _fields(name: str, shop: Shop) -> dict[str, str]:
    """The keys of `structured_data` that a property is made of, with their fields, "" where none is set.
    A currency that all products have is no field."""
    keys = {
        "offers": ("price", "currency"),
        "offers.availability": ("stock",),
        "aggregateRating": ("rating", "rating_count"),
        "offers or aggregateRating": ("price", "currency", "rating", "rating_count"),
    }.get(name, (name,))
    fields = {key: str(getattr(shop.named, key)) for key in keys}
    return {key: field for key, field in fields.items() if not field or field in shop.named.fields()}


def _read_from(name: str, shop: Shop) -> str:
    return ", ".join(
        f"`{field}`" if field else f"nothing yet (set `structured_data.{key}`)"
        for key, field in _fields(name, shop).items()
    )


def _why_none(name: str, shop: Shop, products: Sequence[Candidate]) -> str:
    """Why no product has a property, as far as the documents tell; "" where a field is yet to be set."""
    fields = _fields(name, shop).values()
    unknown = [field for field in fields if field and not any(one.fields.get(field) for one in products)]
    if unknown:
        return f" No document has {', '.join(f'`{field}`' for field in unknown)}. Is that the right field?"
    return "" if "" in fields else " The documents have values there, and none that can be told."
