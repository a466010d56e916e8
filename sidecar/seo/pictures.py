"""The distributions behind the findings, as counts by bin."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sidecar.seo.checks.available import unavailable
from sidecar.seo.checks.balance import greatest_brand
from sidecar.seo.checks.duplicates import titles_alike
from sidecar.seo.checks.fields import distinct, lacking
from sidecar.seo.checks.stability import moved
from sidecar.seo.checks.thin import title_width
from sidecar.seo.crawled import Crawled
from sidecar.seo.limits import Limits, Shop

TITLE_BIN = 20
LONGEST_TITLES = 200


@dataclass(frozen=True, slots=True)
class Picture:
    """Bars: how often (or which share of) each bin came. `bad` bins are those that findings tell of."""

    name: str
    title: str
    bins: Sequence[str]
    values: Sequence[float]
    bad: frozenset[str] = frozenset()
    shares: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"title": self.title, "values": dict(zip(self.bins, self.values, strict=True))}


def pictures(crawled: Sequence[Crawled], shop: Shop, limits: Limits) -> list[Picture]:
    """One for each thing that is looked at, in the report's order; none without any page."""
    if not crawled:
        return []
    size = max(len(query.first.hits) for query in crawled)
    pages = range(size + 1)
    return [
        _counted(
            "hits", "Hits on a first page", [len(query.first.hits) for query in crawled], pages,
            bad=range(limits.fewest_hits),
        ),
        _counted(
            "moved", "Places that differ when the crawler comes again",
            [len(moved(query.first.ids, query.repeated)) for query in crawled], pages, bad=pages[1:],
        ),
        _counted(
            "alike", "Hits of a page with a title like another's",
            [sum(map(len, titles_alike(query, shop, limits.similar))) for query in crawled],
            pages, bad=pages[1:],
        ),
        _tenths(
            "brand", "Share of a page that its most frequent brand has",
            [greatest_brand(query, shop)[1] for query in crawled if query.first.hits], limits.greatest_share,
        ),
        _counted(
            "unavailable", "Places of hits that are out of stock",
            [place for query in crawled for place in unavailable(query, shop)],
            range(1, size + 1), bad=range(1, limits.top_places + 1),
        ),
        _missing(crawled, shop, limits),
        _titles(crawled, shop, limits),
    ]  # fmt: skip


def _counted(
    name: str, title: str, values: Iterable[int], bins: range, *, bad: Iterable[int] = ()
) -> Picture:
    counts = Counter(values)
    return Picture(
        name, title, [str(one) for one in bins], [counts[one] for one in bins], frozenset(map(str, bad))
    )


def _tenths(name: str, title: str, values: Iterable[float], most: float) -> Picture:
    counts = Counter(min(9, int(value * 10)) for value in values)
    bins = [f"{10 * one}–{10 * one + 10} %" for one in range(10)]
    bad = frozenset(bins[one] for one in range(10) if one / 10 >= most)
    return Picture(name, title, bins, [counts[one] for one in range(10)], bad)


def _missing(crawled: Sequence[Crawled], shop: Shop, limits: Limits) -> Picture:
    products = distinct(crawled)
    shares = {name: len(ids) / max(1, len(products)) for name, ids in lacking(products, shop).items()}
    bad = frozenset(name for name, share in shares.items() if share > limits.missing_share)
    title = "Products without what structured data needs"
    return Picture("missing", title, list(shares), [round(one, 4) for one in shares.values()], bad, True)


def _titles(crawled: Sequence[Crawled], shop: Shop, limits: Limits) -> Picture:
    lengths = Counter(
        min(LONGEST_TITLES, title_width(hit, shop)) // TITLE_BIN * TITLE_BIN for hit in distinct(crawled)
    )
    starts = range(0, LONGEST_TITLES + 1, TITLE_BIN)
    names = {one: f"{one}–{one + TITLE_BIN - 1}" if one < LONGEST_TITLES else f"{one}+" for one in starts}
    bad = frozenset(names[one] for one in starts if one + TITLE_BIN <= limits.short_title)
    return Picture(
        "titles",
        "Letters in a title (a Chinese sign counts twice)",
        list(names.values()),
        [lengths[one] for one in starts],
        bad,
    )
