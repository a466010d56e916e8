"""The top of a served list."""

from dataclasses import replace

from sidecar.taste.served_list import ServedList


def cut(served: ServedList, hits: int) -> ServedList:
    """The first `hits` hits, and the page as far as it lies among them."""
    if len(served.ids) <= hits:
        return served
    start = min(served.page_start, hits)
    return replace(
        served,
        ids=served.ids[:hits],
        ranks=served.ranks[:hits],
        scores=served.scores[:hits],
        residuals=served.residuals[:hits],
        propensities=served.propensities[:hits],
        traits=served.traits.first(hits),
        features=served.features[:hits],
        page_start=start,
        page_size=min(served.page_size, hits - start),
    )
