"""Whether an expression takes fields for what an index says that they are."""

import difflib
from collections.abc import Iterable, Mapping

from sidecar.rules.expression.node import Comparison, Field, FieldKind, Node, walk

NAMES: dict[FieldKind, str] = {
    "text": "a text",
    "number": "a number",
    "date": "a date",
    "flag": "true or false",
}
SHOWN = 20

OTHERS = {
    **dict.fromkeys(("null", "none", "nil"), "`exists(field)` asks whether a field has a value."),
    "now": "The time is `now()`.",
    "true": "Write `true` in small letters.",
    "false": "Write `false` in small letters.",
}
"""What is right in place of names that people write who know other languages."""


def fields_of(node: Node) -> Mapping[str, frozenset[FieldKind]]:
    """What each field is taken for; nothing where any kind will do."""
    found: dict[str, set[FieldKind]] = {}
    for one in walk(node):
        if isinstance(one, Field):
            kinds = found.setdefault(one.name, set())
            if one.kind is not None:
                kinds.add(one.kind)
    return {name: frozenset(kinds) for name, kinds in found.items()}


def check_kinds(node: Node, mapping: Mapping[str, FieldKind]) -> list[str]:
    """What is wrong, in sentences. `mapping`: what each field of the index is."""
    return [*unknown_fields(node, mapping), *other_kinds(node, mapping)]


def unknown_fields(node: Node, mapping: Mapping[str, FieldKind]) -> list[str]:
    """A sentence for each field that the index does not have."""
    return list(
        dict.fromkeys(
            _unknown(one, node, mapping)
            for one in walk(node)
            if isinstance(one, Field) and one.name not in mapping
        )
    )


def other_kinds(node: Node, mapping: Mapping[str, FieldKind]) -> list[str]:
    """A sentence for each field that is of another kind in the index than it is taken for."""
    found: dict[str, None] = {}
    for one in walk(node):
        why = None
        if isinstance(one, Field) and one.name in mapping:
            why = _other_kind(one, mapping)
        elif isinstance(one, Comparison) and isinstance(one.left, Field) and isinstance(one.right, Field):
            why = _not_alike(one.left, one.right, mapping)
        if why:
            found[why] = None
    return list(found)


def nearest(name: str, known: Iterable[str]) -> str:
    """` Did you mean …?`, or what there is."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if not near and "." in name:
        near = [one for one in names if one == name.rsplit(".", 1)[0]]
    if near:
        return f"Did you mean `{near[0]}`?"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"There are: {', '.join(names[:SHOWN])}{more}." if names else "There are none."


def no_field(name: str, node: Node) -> str:
    """What whoever wrote `name` in an expression may have meant, if it is no field; "" for nothing known."""
    if name.lower() in OTHERS:
        return OTHERS[name.lower()]
    is_compared = any(
        isinstance(one, Comparison)
        and isinstance(one.left, Field)
        and isinstance(one.right, Field)
        and one.right.kind is None
        and name in (one.left.name, one.right.name)
        for one in walk(node)
    )
    return f"A text stands in quotes: '{name}'." if is_compared and "." not in name else ""


def _unknown(field: Field, node: Node, mapping: Mapping[str, FieldKind]) -> str:
    meant = no_field(field.name, node)
    if field.name.lower() not in OTHERS:
        meant = f"{nearest(field.name, mapping)} {meant}".rstrip()
    return f"the index has no field `{field.name}` that a rule can read. {meant}"


def _other_kind(field: Field, mapping: Mapping[str, FieldKind]) -> str | None:
    there = mapping[field.name]
    # Milliseconds since 1970 are often mapped as the number that they are.
    if field.kind in (None, there) or (field.kind == "date" and there == "number"):
        return None
    return f"`{field.name}` is {NAMES[there]} in the index, and is taken for {NAMES[field.kind]} here"


def _not_alike(left: Field, right: Field, mapping: Mapping[str, FieldKind]) -> str | None:
    kinds = [mapping.get(left.name), mapping.get(right.name)]
    if left.kind is not None or None in kinds or kinds[0] == kinds[1]:
        return None
    first, second = (NAMES[kind] for kind in kinds if kind)
    return f"`{left.name}` is {first} in the index and `{right.name}` is {second}: they are never equal"
