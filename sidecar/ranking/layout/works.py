"""Actions of the language made ready: what each kind's own file works with."""

from typing import Any

from sidecar.ranking.layout import figures
from sidecar.ranking.layout.collapsing import Collapsing
from sidecar.ranking.layout.figures import Grant
from sidecar.ranking.layout.pinning import Pinning
from sidecar.ranking.layout.selector import Selector
from sidecar.ranking.layout.slots import SlotFilling
from sidecar.ranking.layout.varying import Varying
from sidecar.ranking.layout.weighing import Weighing
from sidecar.rules.expression.compiled import (
    CompiledFilter,
    CompiledNumber,
    compile_filter,
    compile_number,
)
from sidecar.rules.language.placing import Pin
from sidecar.rules.language.rule import Action
from sidecar.rules.language.weighting import Boost, Engagement, Freshness, Range, Rating, Stock

FIGURES = ("range", "freshness", "stock", "rating", "engagement")


class Expressions:
    """Each text is compiled once: rules that share a filter share what it says of a search's hits."""

    def __init__(self) -> None:
        self._filters: dict[str, CompiledFilter] = {}
        self._numbers: dict[str, CompiledNumber] = {}
        self._grants: dict[tuple[str, str], Grant] = {}

    def filter(self, text: str) -> CompiledFilter:
        """Raises ExpressionError."""
        known = self._filters.get(text)
        if known is None:
            known = self._filters[text] = compile_filter(text)
        return known

    def number(self, text: str) -> CompiledNumber:
        """Raises ExpressionError."""
        known = self._numbers.get(text)
        if known is None:
            known = self._numbers[text] = compile_number(text)
        return known

    def selector(self, filter_: str | None, ids: list[str] | None, *, all_but: bool = False) -> Selector:
        """Raises ExpressionError."""
        return Selector(None if filter_ is None else self.filter(filter_), frozenset(ids or ()), all_but)

    def grant(self, boost: Boost) -> Grant | None:
        """What a boost's figure grants; the same for equal figures. Raises ExpressionError."""
        for name in FIGURES:
            figure = getattr(boost, name)
            if figure is not None:
                key = name, figure.model_dump_json()
                if key not in self._grants:
                    self._grants[key] = self._grant(figure)
                return self._grants[key]
        return None

    def _grant(self, figure: Range | Freshness | Stock | Rating | Engagement) -> Grant:
        if isinstance(figure, Range):
            return figures.in_range(figure, self.number(figure.value))
        if isinstance(figure, Freshness):
            return figures.freshness(figure)
        if isinstance(figure, Stock):
            return figures.stock(figure)
        if isinstance(figure, Rating):
            return figures.rating(figure)
        return figures.engagement(figure)


def work_of(action: Action, expressions: Expressions) -> Any:
    """What the action's kind works with; the model itself for what moves no hit. Raises ExpressionError."""
    if action.hide is not None:
        return expressions.selector(action.hide.filter, action.hide.ids)
    if action.filter is not None:
        return expressions.selector(action.filter.filter, action.filter.ids, all_but=True)
    if action.boost is not None:
        boost = action.boost
        grant = expressions.grant(boost)
        return Weighing(boost.weight, expressions.selector(boost.filter, boost.ids), grant)
    if action.bury is not None:
        bury = action.bury
        return Weighing(1.0 / bury.weight, expressions.selector(bury.filter, bury.ids))
    if action.demote_unavailable is not None:
        return expressions.selector(action.demote_unavailable.filter, None)
    if action.collapse is not None:
        collapse = action.collapse
        value = None if collapse.value is None else expressions.number(collapse.value)
        return Collapsing(collapse.field, value, collapse.keep == "highest")
    if action.diversify is not None:
        diversify = action.diversify
        return Varying(diversify, [expressions.filter(quota.filter) for quota in diversify.quotas])
    if action.slot is not None:
        return SlotFilling(action.slot, expressions.selector(action.slot.filter, action.slot.ids))
    if action.pin is not None:
        return _pinning(action.pin, expressions)
    return action.what


def _pinning(pin: Pin, expressions: Expressions) -> Pinning:
    return Pinning(
        places=tuple(pin.places),
        hard=pin.mode == "hard",
        on_missing=pin.on_missing,
        id=pin.id or "",
        index=pin.index,
        filter=None if pin.filter is None else expressions.filter(pin.filter),
    )
