"""Tastes that were decoded lately: a shopper who searches, clicks and searches is decoded once a change."""

from collections import OrderedDict

from sidecar.taste.codec import decode
from sidecar.taste.state import Taste

MOST = 2000
"""About 12 KB each."""


class DecodedTastes:
    """By their bytes, so that what is stored always decides. Holds what `decode` made, never what was changed
    since: numbers are the same whether they come from here or from the store."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._tastes: OrderedDict[bytes, Taste] = OrderedDict()

    def of(self, encoded: bytes) -> Taste:
        """The taste, for the caller to change. Raises UnreadableTaste."""
        taste = self._tastes.get(encoded)
        if taste is None:
            taste = self._tastes[encoded] = decode(encoded)
            if len(self._tastes) > self._most:
                self._tastes.popitem(last=False)
        else:
            self._tastes.move_to_end(encoded)
        return taste.copy()
