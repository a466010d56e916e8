"""The chance that a shopper saw a hit."""

from functools import lru_cache

import numpy as np

from sidecar.config.personalization import Examination
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import Numbers, OpenPage

MOST_PLACES = 1000


def examined(served: ServedList, page: OpenPage | None, settings: Examination) -> Numbers:
    """Chances for the first m hits of the list, float64 [m]; the others were on pages nobody asked for.

    Pages are looked through one by one, each from its top: the first hit of a page that was asked for was
    seen about as surely as the first of all. What impressions or events below prove counts as seen. Fetched
    documents have chance 0, so that nothing is learned from them: nobody knows what they are like.
    """
    size = served.page_size or settings.page
    last = served.page_start + size - 1
    if page is not None:
        last = max(last, page.deepest, *page.outcomes)
    count = min(len(served.ids), (last // size + 1) * size, MOST_PLACES)
    chances = np.resize(_page_chances(size, served.device, settings), count)
    if page is not None:
        chances[: page.deepest + 1] = 1.0
        chances[[place for place in page.outcomes if place < count]] = 1.0
    chances[served.fetched[:count]] = 0.0
    return chances


def _page_chances(size: int, device: str, settings: Examination) -> Numbers:
    return _cached_chances(size, settings.by_device.get(device, settings.eta), tuple(settings.table))


@lru_cache(maxsize=256)
def _cached_chances(size: int, eta: float, table: tuple[float, ...]) -> Numbers:
    if table:
        return np.array([table[min(place, len(table) - 1)] for place in range(size)])
    return np.asarray(np.arange(1, size + 1) ** -eta, np.float64)
