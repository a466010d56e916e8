"""Filters that match nothing in the index, and rules that would hide all of it."""

from collections.abc import Iterator

from sidecar.rules.expression.kinds import check_kinds
from sidecar.rules.expression.node import Flag, Node, Not
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.lint.uses import ExpressionUse
from sidecar.rules.problem import Problem


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """With an index each filter is tried on it; without one only `true` and `false` say enough."""
    known: dict[Node, bool | None] = {}
    mapping = looked_at.index.mapping() if looked_at.index is not None else None

    def matches(node: Node) -> bool | None:
        if isinstance(node, Flag):
            return node.value
        if isinstance(node, Not) and isinstance(node.of, Flag):
            return not node.of.value
        if looked_at.index is None:
            return None
        if node not in known:
            known[node] = looked_at.index.any_matches(node)
        return known[node]

    for use in looked_at.expressions:
        if use.node is None or use.yields != "condition":
            continue
        # What `fields` tells of says why nothing matches.
        if mapping is not None and check_kinds(use.node, mapping):
            continue
        kind = use.path[2]
        if matches(use.node) is False:
            yield _nothing(looked_at, use)
        elif kind in ("hide", "filter") and use.path[-1] == "filter":
            rest = Not(use.node) if kind == "hide" else use.node
            if matches(rest) is False:
                yield _everything(looked_at, use, "hides every document of the index")
            elif kind == "filter" and isinstance(use.node, Flag):
                yield looked_at.problem(
                    "warning", "no-effect", use.rule, use.path, "filters nothing out.", "Remove it."
                )
        elif kind == "demote_unavailable" and matches(Not(use.node)) is False:
            yield looked_at.problem(
                "warning", "no-effect", use.rule, use.path, "every document counts as unavailable."
            )


def _nothing(looked_at: LookedAt, use: ExpressionUse) -> Problem:
    if use.path[2] == "filter":
        return _everything(looked_at, use, "matches no document of the index, so that nothing is shown")
    # Nothing is sold out at the moment: no mistake.
    severity = "warning" if use.path[2] in ("demote_unavailable", "diversify") else "error"
    return looked_at.problem(
        severity,  # type: ignore[arg-type]
        "matches-nothing",
        use.rule,
        use.path,
        f"`{use.text[:100]}` matches no document of the index.",
        "Look at how the values are written, or remove the action.",
    )


def _everything(looked_at: LookedAt, use: ExpressionUse, said: str) -> Problem:
    return looked_at.problem(
        "error",
        "hides-everything",
        use.rule,
        use.path,
        f"`{use.text[:100]}` {said}.",
        "Ask for less; to show a message instead of hits use `metadata`.",
    )
