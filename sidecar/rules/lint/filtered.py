"""Rules for searches that are restricted to a value that no document has, such as a category misspelt."""

from collections.abc import Iterator, Mapping

from sidecar.rules.expression.node import Comparison, Field, FieldKind, Flag, Node, Number, Text
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.lint.uses import conditions_of
from sidecar.rules.problem import Problem


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """A warning, of what the index can say: the first product of a category may come tomorrow."""
    index = looked_at.index
    if index is None:
        return
    mapping = index.mapping()
    for rule in looked_at.enabled:
        for when, path in conditions_of(rule):
            for field, values in (when.filter or {}).items():
                for place, value in enumerate(values):
                    node = _has(field, value, mapping)
                    if node is not None and index.any_matches(node) is False:
                        yield looked_at.problem(
                            "warning",
                            "no-such-value",
                            rule,
                            (*path, "filter", field, place),
                            f"no document of the index has the {field} `{value[:100]}`.",
                            "Look at how the values are written in the index.",
                        )


def _has(field: str, value: str, mapping: Mapping[str, FieldKind]) -> Node | None:
    """That a document has this value; None where that is not for this check to say."""
    kind = mapping.get(field)
    right: Node
    if kind == "text":
        right = Text(value)
    elif kind == "flag":
        right = Flag(value == "true")
    elif kind == "number":
        try:
            right = Number(float(value))
        except ValueError:
            return Flag(False)
    else:
        # A field that is not there is told by `fields`; a date is written in many ways.
        return None
    return Comparison("==", Field(field, kind), right)
