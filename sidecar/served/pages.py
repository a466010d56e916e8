"""One query that was served more than once: its pages are one list."""

from dataclasses import replace

from sidecar.taste.served_list import ServedList


def joined(older: ServedList | None, newer: ServedList) -> ServedList:
    """The newer list, with the pages of the older one where both have the same hits in the same order.

    A page that nobody asked for was not examined, so the list says from the first to the last place that was
    on a page. Where the order has changed, what was seen last counts.
    """
    if older is None or not older.page_size or not newer.page_size:
        return newer
    if list(older.ids) != list(newer.ids):
        return newer
    start = min(older.page_start, newer.page_start)
    end = max(older.page_start + older.page_size, newer.page_start + newer.page_size)
    if start == newer.page_start and end - start == newer.page_size:
        return newer
    return replace(newer, page_start=start, page_size=end - start)
