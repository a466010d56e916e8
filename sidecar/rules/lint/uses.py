"""Where rules use expressions and fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sidecar.rules.expression.compiled import compile_filter, compile_number
from sidecar.rules.expression.errors import ExpressionError
from sidecar.rules.expression.node import FieldKind, Node
from sidecar.rules.language.conditions import When
from sidecar.rules.language.rule import Rule
from sidecar.rules.language.telling import PageLayout

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class ExpressionUse:
    """An expression where it stands; `node` is None where it cannot be read, which `error` tells."""

    rule: Rule
    path: Path
    text: str
    yields: Literal["condition", "number"]
    node: Node | None
    error: ExpressionError | None


@dataclass(frozen=True)
class FieldUse:
    """A field that is named outside of expressions; `kind` None: any will do. `read`: of a document."""

    rule: Rule
    path: Path
    name: str
    kind: FieldKind | None
    read: bool = True


def conditions_of(rule: Rule) -> Iterator[tuple[When, Path]]:
    """The rule's condition and all below it, each with where it stands."""
    waiting: list[tuple[When, Path]] = [(rule.when, ("when",))]
    while waiting:
        when, path = waiting.pop(0)
        yield when, path
        for key in ("any", "none"):
            for place, below in enumerate(getattr(when, key) or ()):
                waiting.append((below, (*path, key, place)))


def expressions_of(rule: Rule) -> Iterator[ExpressionUse]:
    """All expressions of a rule."""
    for place, action in enumerate(rule.then):
        kind, what = action.kind, action.what
        path: Path = ("then", place, kind)
        text = getattr(what, "filter", None)
        if text is not None:
            yield _read(rule, (*path, "filter"), text, "condition")
        if action.collapse is not None and action.collapse.value is not None:
            yield _read(rule, (*path, "value"), action.collapse.value, "number")
        if action.boost is not None and action.boost.range is not None:
            yield _read(rule, (*path, "range", "value"), action.boost.range.value, "number")
        if action.diversify is not None:
            for number, quota in enumerate(action.diversify.quotas):
                yield _read(rule, (*path, "quotas", number, "filter"), quota.filter, "condition")


def fields_of_rule(rule: Rule) -> Iterator[FieldUse]:
    """The fields that a rule names outside of expressions."""
    for when, above in conditions_of(rule):
        if when.result is not None and when.result.top is not None:
            yield FieldUse(rule, (*above, "result", "top", "field"), when.result.top.field, None)
        for name in when.filter or ():
            yield FieldUse(rule, (*above, "filter", name), name, None, read=False)
    for place, action in enumerate(rule.then):
        path: Path = ("then", place, action.kind)
        if action.boost is not None:
            boost = action.boost
            if boost.freshness is not None:
                yield FieldUse(rule, (*path, "freshness", "field"), boost.freshness.field, "date")
            if boost.stock is not None:
                yield FieldUse(rule, (*path, "stock", "field"), boost.stock.field, "number")
            if boost.rating is not None:
                yield FieldUse(rule, (*path, "rating", "field"), boost.rating.field, "number")
                yield FieldUse(rule, (*path, "rating", "count"), boost.rating.count, "number")
        if action.collapse is not None:
            yield FieldUse(rule, (*path, "field"), action.collapse.field, None)
        if action.diversify is not None:
            vary = action.diversify
            for name in vary.max_per_field:
                yield FieldUse(rule, (*path, "max_per_field", name), name, None)
            if vary.max_similar is not None:
                yield FieldUse(rule, (*path, "max_similar", "field"), vary.max_similar.field, "text")
            if vary.mmr is not None:
                for name in vary.mmr.fields:
                    yield FieldUse(rule, (*path, "mmr", "fields", name), name, None)
        if action.page is not None:
            yield from _of_page(rule, action.page, path)


def _of_page(rule: Rule, page: PageLayout, path: Path) -> Iterator[FieldUse]:
    if page.facets is not None:
        for key in ("fields", "first"):
            for place, name in enumerate(getattr(page.facets, key)):
                yield FieldUse(rule, (*path, "facets", key, place), name, None)
    for name, variant in page.variants.items():
        yield from _of_page(rule, variant, (*path, "variants", name))


def _read(rule: Rule, path: Path, text: str, yields: Literal["condition", "number"]) -> ExpressionUse:
    try:
        node = compile_filter(text).node if yields == "condition" else compile_number(text).node
    except ExpressionError as error:
        return ExpressionUse(rule, path, text, yields, None, error)
    return ExpressionUse(rule, path, text, yields, node, None)
