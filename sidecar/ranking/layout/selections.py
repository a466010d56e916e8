"""Whom several actions select, worked out together."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.selector import Selector
from sidecar.ranking.layout.window import BoolArray, Window
from sidecar.rules.expression.filter_table import FilterTable

FEWEST = 4
"""Of fewer actions each one is worked out by itself: what they share costs more than they do."""


class Selections:
    """The selections of k actions. Says the same as `Selector.mask` one after the other, and costs less."""

    def __init__(self, acts: Sequence[Act[Any]], selectors: Sequence[Selector], promised: int) -> None:
        """A selector for each of the acts; the first `promised` are carried out even when time is up."""
        self._tried = list(zip(acts, selectors, strict=True))
        self._promised = promised
        shared = [at for at, one in enumerate(selectors) if one.may_be_shared]
        if len(shared) < FEWEST:
            shared = []
        self._shared = shared
        self._alone = sorted(set(range(len(acts))) - set(shared))
        self._table = _Table([selectors[at] for at in shared]) if shared else None

    def masks(self, window: Window, attempts: Attempts) -> BoolArray:
        """bool [k, n]; none of a row where the action failed, or where the time is up.

        Where working them out together fails or takes long each action is tried by itself, so that one costs
        its own effect only.
        """
        together = None if self._table is None else attempts.together(self._table.of, window)
        if together is not None and not self._alone:
            return together
        masks = np.zeros((len(self._tried), window.count), np.bool_)
        alone: Sequence[int] = range(len(self._tried))
        if together is not None:
            masks[self._shared] = together
            alone = self._alone
        for at in alone:
            act, selector = self._tried[at]
            mask = attempts.of(act, selector.mask, window, even_late=at < self._promised)
            if mask is not None:
                masks[at] = mask
        return masks


class _Table:
    """The selections that can be worked out together."""

    def __init__(self, selectors: Sequence[Selector]) -> None:
        self._filters = FilterTable([None if one.filter is None else one.filter.clauses for one in selectors])
        self._turned = np.array([at for at, one in enumerate(selectors) if one.all_but], np.intp)
        self._named: dict[str, list[int]] = {}
        for at, one in enumerate(selectors):
            for document in one.ids:
                self._named.setdefault(document, []).append(at)

    def of(self, window: Window) -> BoolArray:
        """bool [k, n]."""
        masks = self._filters.of(window.columns)
        if self._named:
            count, named, ids = window.count, self._named, window.columns.ids
            rows = [(row, named[document]) for row, document in enumerate(ids) if document in named]
            masks.put([at * count + row for row, acts in rows for at in acts], True)
        if len(self._turned):
            masks[self._turned] = ~masks[self._turned]
        return masks
