"""Fields that the index does not have, that are of another kind there, or that no ranking profile sends."""

from collections.abc import Iterator, Mapping

from sidecar.rules.expression.kinds import NAMES, fields_of, nearest, no_field, other_kinds, unknown_fields
from sidecar.rules.expression.node import FieldKind
from sidecar.rules.language.rule import Rule
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.lint.uses import Path
from sidecar.rules.problem import Problem


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """Against the mapping and against the profiles, as far as these are known."""
    if looked_at.index is not None:
        yield from _against_mapping(looked_at, looked_at.index.mapping())
    if looked_at.profile_fields is not None:
        yield from _against_profiles(looked_at, frozenset(looked_at.profile_fields))


def _against_mapping(looked_at: LookedAt, mapping: Mapping[str, FieldKind]) -> Iterator[Problem]:
    for use in looked_at.expressions:
        if use.node is None:
            continue
        for sentence in unknown_fields(use.node, mapping):
            yield looked_at.problem("error", "unknown-field", use.rule, use.path, sentence)
        for sentence in other_kinds(use.node, mapping):
            yield looked_at.problem("error", "other-kind", use.rule, use.path, f"{sentence}.")
    for field in looked_at.fields:
        there = mapping.get(field.name)
        if there is None:
            reason = f"the index has no field `{field.name}` that a rule can read."
            yield looked_at.problem(
                "error", "unknown-field", field.rule, field.path, reason, nearest(field.name, mapping)
            )
        elif field.kind is not None and there != field.kind and (field.kind, there) != ("date", "number"):
            reason = f"`{field.name}` is {NAMES[there]} in the index, and {NAMES[field.kind]} is needed here."
            yield looked_at.problem("error", "other-kind", field.rule, field.path, reason)


def _against_profiles(looked_at: LookedAt, sent: frozenset[str]) -> Iterator[Problem]:
    uses: list[tuple[Rule, Path, str, str]] = [
        (use.rule, use.path, use.name, "") for use in looked_at.fields if use.read
    ]
    uses += [
        (use.rule, use.path, name, no_field(name, use.node))
        for use in looked_at.expressions
        if use.node is not None
        for name in fields_of(use.node)
    ]
    for rule, path, name, meant in uses:
        if name not in sent:
            add = f"add `{name}` to `layout.fields` of the profile, then run `reshelf pipeline apply`."
            yield looked_at.problem(
                "error",
                "field-not-sent",
                rule,
                path,
                f"no ranking profile sends the field `{name}`, so it is missing for every hit.",
                f"{meant} If it is a field, {add}" if meant else add[0].upper() + add[1:],
            )
