"""How specific a rule is: between rules of one priority the more specific one wins.

Each condition adds points, the more the fewer searches it leaves: `query.exact` 8, `starts_with` 5,
`contains` 4, `words` 4, `longest` 1; a brand, category, color, size or field of `filter` 3 each; intent,
segment, result and each experiment 2; everything else 1. Of `any` the least specific alternative counts,
since it may be the one that holds; each entry of `none` adds 1.
"""

from sidecar.rules.language.conditions import QueryCondition, When

QUERY_POINTS = {"exact": 8, "starts_with": 5, "contains": 4, "words": 4, "longest": 1}
POINTS = {
    **dict.fromkeys(("brand", "category", "color", "size"), 3),
    **dict.fromkeys(("intent", "segment", "result"), 2),
    **dict.fromkeys(("index", "profile", "locale", "device", "channel", "application"), 1),
    **dict.fromkeys(("crawler", "anonymous", "browse"), 1),
}
FILTER_POINTS = 3
EXPERIMENT_POINTS = 2
NONE_POINTS = 1


def specificity(when: When) -> int:
    """The points of a rule's conditions; 0 for a rule that holds for every search."""
    points = sum(value for key, value in POINTS.items() if getattr(when, key) is not None)
    if when.query is not None:
        points += _of_query(when.query)
    if when.filter is not None:
        points += FILTER_POINTS * len(when.filter)
    if when.experiment is not None:
        points += EXPERIMENT_POINTS * len(when.experiment)
    if when.any is not None:
        points += min(map(specificity, when.any))
    if when.none is not None:
        points += NONE_POINTS * len(when.none)
    return points


def _of_query(condition: QueryCondition) -> int:
    return sum(value for key, value in QUERY_POINTS.items() if getattr(condition, key) is not None)
