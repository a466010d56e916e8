"""Products that rules name and the index does not have."""

from collections import defaultdict
from collections.abc import Iterator

from sidecar.rules.language.rule import Rule
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.lint.uses import Path
from sidecar.rules.problem import Problem


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """A pin of what is not there is an error; hiding or boosting it does no harm, and is a warning."""
    if looked_at.index is None:
        return
    uses: dict[str, list[tuple[Rule, Path]]] = defaultdict(list)
    for rule in looked_at.enabled:
        for place, action in enumerate(rule.then):
            path: Path = ("then", place, action.kind)
            if action.pin is not None and action.pin.id is not None:
                uses[action.pin.id].append((rule, (*path, "id")))
            for number, one in enumerate(getattr(action.what, "ids", None) or ()):
                uses[one].append((rule, (*path, "ids", number)))
    for product in sorted(looked_at.index.missing(uses)):
        for rule, path in uses[product]:
            is_placed = path[2] in ("pin", "slot")
            yield looked_at.problem(
                "error" if is_placed else "warning",
                "missing-product",
                rule,
                path,
                f"the index has no document `{product}`.",
                "Ids are the documents' _id. Correct it, or take it out.",
            )
