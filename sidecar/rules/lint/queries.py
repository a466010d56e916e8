"""What can be said of conditions on a query's words without a query; `together` asks."""

from collections.abc import Callable, Sequence

from sidecar.rules.language.conditions import QueryCondition
from sidecar.rules.lint.phrases import Tokens, phrases_of


def why_query_impossible(query: QueryCondition) -> str:
    """Why no query meets a condition; "" where one may."""
    for key in ("exact", "starts_with", "contains", "words"):
        values = getattr(query, key)
        if values is not None and not phrases_of(values).tokens:
            return f"`query.{key}` has no words or numbers that a query could be compared with"
    if query.exact is not None:
        rest = query.model_copy(update={"exact": None})
        if not any(map(_test(rest), phrases_of(query.exact).tokens)):
            return "no `query.exact` meets the other conditions on the query"
    elif query.longest is not None:
        for key in ("starts_with", "contains"):
            values = getattr(query, key)
            if values is not None and min(map(len, phrases_of(values).tokens)) > query.longest:
                return f"`query.{key}` is longer than `longest: {query.longest}`"
        # Two signs that stand alone may be one pair of the query.
        if query.words is not None and len(phrases_of(query.words).words) > query.longest:
            return f"`query.words` are more than `longest: {query.longest}`"
    return ""


def why_queries_apart(one: QueryCondition, other: QueryCondition) -> str:
    """Why no query meets both conditions; "" where one may."""
    for mine, theirs in ((one, other), (other, one)):
        if mine.exact is None:
            continue
        queries = phrases_of(mine.exact).tokens
        if theirs.exact is not None:
            queries &= phrases_of(theirs.exact).tokens
        if not any(map(_test(theirs), queries)):
            return "no query meets both conditions on its words"
    if one.starts_with and other.starts_with:
        beginnings = phrases_of(one.starts_with)
        if not beginnings.may_begin_with(phrases_of(other.starts_with)):
            return "no query begins with both"
    return ""


def query_implies(one: QueryCondition, other: QueryCondition) -> bool:
    """Whether a query that meets `one` meets `other`; False where that cannot be said."""
    if one.exact is not None:
        return all(map(_test(other), filter(_test(one), phrases_of(one.exact).tokens)))
    if other.exact is not None or (
        other.longest is not None and (one.longest is None or one.longest > other.longest)
    ):
        return False
    if other.starts_with is not None and not _begin_within(one.starts_with, other.starts_with):
        return False
    if other.contains is not None and not (
        _stand_within(one.contains, other.contains) or _stand_within(one.starts_with, other.contains)
    ):
        return False
    mine, wanted = phrases_of(one.words or ()), phrases_of(other.words or ())
    return wanted.words <= mine.words and all(
        sign in mine.signs or any(sign in word for word in mine.words) for sign in wanted.signs
    )


def _test(condition: QueryCondition) -> Callable[[Tokens], bool]:
    """Whether a query of some words meets a condition; the condition is looked at once for many queries."""
    exact, starts_with, contains, words = (
        None if values is None else phrases_of(values)
        for values in (condition.exact, condition.starts_with, condition.contains, condition.words)
    )
    longest = condition.longest
    return lambda query: (
        (longest is None or len(query) <= longest)
        and (exact is None or query in exact.tokens)
        and (starts_with is None or starts_with.begin(query))
        and (contains is None or contains.within(query))
        and (words is None or words.all_within(query))
    )


def _begin_within(values: Sequence[str] | None, wanted: Sequence[str]) -> bool:
    """Whether whatever begins with one of the values begins with one of the wanted."""
    if values is None:
        return False
    mine, theirs = phrases_of(values), phrases_of(wanted)
    return mine.signs <= theirs.signs and all(map(theirs.begin, mine.phrases))


def _stand_within(values: Sequence[str] | None, wanted: Sequence[str]) -> bool:
    """Whether one of the wanted stands wherever one of the values does."""
    if values is None:
        return False
    mine, theirs = phrases_of(values), phrases_of(wanted)
    return mine.signs <= theirs.signs and all(map(theirs.within, mine.phrases))
