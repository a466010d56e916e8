"""Whether a page is the same whenever it is fetched, and whoever fetches it."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from sidecar.ranking.layout.page.overlap import rank_biased_overlap
from sidecar.seo.crawled import Crawled
from sidecar.seo.finding import Finding
from sidecar.seo.limits import Limits, Shop


def unstable_order(crawled: Sequence[Crawled], _shop: Shop, _limits: Limits) -> Iterator[Finding]:
    """Places that another fetch of the same page has other hits on."""
    for query in crawled:
        for orders, severity, check, who, fix in (
            (
                query.repeated,
                "error",
                "unstable-order",
                "the same crawler",
                "Look at the findings `not-ranked`: a late answer has another order than a whole one.",
            ),
            (
                query.strangers,
                "warning",
                "differs-for-strangers",
                "an anonymous shopper",
                "Look at `not-ranked` first, then for rules whose `when` asks for a crawler.",
            ),
        ):
            places = moved(query.first.ids, orders)
            if places:
                agreement = min(rank_biased_overlap(query.first.ids, order) for order in orders)
                yield Finding(
                    severity,  # type: ignore[arg-type]
                    check,
                    query.query,
                    f"{who} got other hits at {len(places)} places (agreement {agreement:.2f}): "
                    f"{', '.join(map(str, places[:5]))}{', …' if len(places) > 5 else ''}",
                    fix,
                    share=len(places) / max(1, len(query.first.ids)),
                )


def moved(first: Sequence[str], orders: Sequence[Sequence[str]]) -> list[int]:
    """The places, from 1, at which any of the orders has another hit than the first."""
    return [
        place
        for place, found in enumerate(zip_longest(first, *orders), 1)
        if any(one != found[0] for one in found)
    ]
