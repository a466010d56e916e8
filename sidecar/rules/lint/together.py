"""What can be said of conditions without a search: whether two can hold at once, whether one implies another.

Where nothing is known, two can hold together and neither implies the other.
"""

from collections.abc import Callable, Iterable, Sequence

from sidecar.rules.language.active import Active
from sidecar.rules.language.conditions import QueryCondition, ResultCondition, When
from sidecar.text.folding import name as name_of
from sidecar.text.folding import words

SINGLE = ("intent", "profile", "device", "channel", "application")
"""Of these a search has one; it may well name two brands."""

OF_WORDS = ("query", "brand", "category", "color", "size", "intent")
"""What only a search with words can say."""

LISTS = ("brand", "category", "color", "size", "segment", "index", *SINGLE)
Tokens = tuple[str, ...]


def why_apart(one: When, other: When) -> str:
    """Why two conditions never hold for the same search; "" where they can."""
    for key in SINGLE:
        mine, theirs = _values(one, key), _values(other, key)
        if mine is not None and theirs is not None and mine.isdisjoint(theirs):
            return f"`{key}` is either {_either(mine)} or {_either(theirs)}"
    for browsing, asking in ((one, other), (other, one)):
        if browsing.browse and _of_words(asking):
            return _wordless(asking)
    for key in ("crawler", "anonymous", "browse"):
        first, second = getattr(one, key), getattr(other, key)
        if first is not None and second is not None and first != second:
            return f"`{key}` is either true or false"
    if one.locale and other.locale and not _share_a_locale(one.locale, other.locale):
        return f"`locale` is either {_either(one.locale)} or {_either(other.locale)}"
    for experiment, arms in (one.experiment or {}).items():
        theirs = set((other.experiment or {}).get(experiment, arms))
        if theirs.isdisjoint(arms):
            return f"the arm of `{experiment}` is either {_either(arms)} or {_either(theirs)}"
    if one.result and other.result:
        return _results_apart(one.result, other.result)
    return _queries_apart(one.query, other.query) if one.query and other.query else ""


def can_hold_together(one: When, other: When) -> bool:
    """Whether there may be a search for which both hold."""
    if why_apart(one, other) or _restricted_apart(one, other):
        return False
    for mine, theirs in ((one, other), (other, one)):
        if mine.any and all(why_apart(branch, theirs) for branch in mine.any):
            return False
        if mine.none and any(implies(theirs, branch) for branch in mine.none):
            return False
    return True


def active_together(one: Active, other: Active) -> bool:
    """Whether there may be a moment at which both are."""
    begin, end = one.bounds()
    other_begin, other_end = other.bounds()
    if end is not None and other_begin is not None and end <= other_begin:
        return False
    if other_end is not None and begin is not None and other_end <= begin:
        return False
    # Days of other time zones overlap, and hours may go over midnight.
    if one.timezone != other.timezone or _over_midnight(one) or _over_midnight(other):
        return True
    if one.days and other.days and set(one.days).isdisjoint(other.days):
        return False
    if one.hours and other.hours:
        return one.hours[:5] < other.hours[6:] and other.hours[:5] < one.hours[6:]
    return True


def always_active_with(one: Active, other: Active) -> bool:
    """Whether `other` is active whenever `one` is, as far as can be said."""
    begin, end = one.bounds()
    other_begin, other_end = other.bounds()
    if other_begin is not None and (begin is None or begin < other_begin):
        return False
    if other_end is not None and (end is None or end > other_end):
        return False
    if other.days is None and other.hours is None:
        return True
    if (one.timezone, one.hours) != (other.timezone, other.hours):
        return False
    return other.days is None or (one.days is not None and set(one.days) <= set(other.days))


def implies(one: When, other: When) -> bool:
    """Whether `other` holds whenever `one` does; False where that cannot be said."""
    for key in LISTS:
        wanted = _values(other, key)
        mine = _values(one, key)
        if wanted is not None and (mine is None or not mine <= wanted):
            return False
    if other.browse is not None and one.browse != other.browse and (other.browse or not _of_words(one)):
        return False
    for field, wanted_values in (other.filter or {}).items():
        mine_values = (one.filter or {}).get(field)
        if mine_values is None or not set(map(name_of, mine_values)) <= set(map(name_of, wanted_values)):
            return False
    for key in ("crawler", "anonymous", "result", "any", "none"):
        wanted_value = getattr(other, key)
        if wanted_value is not None and getattr(one, key) != wanted_value:
            return False
    if other.locale is not None and not all(
        any(_within(locale, wider) for wider in other.locale) for locale in one.locale or ("",)
    ):
        return False
    for experiment, arms in (other.experiment or {}).items():
        mine_arms = (one.experiment or {}).get(experiment)
        if mine_arms is None or not set(mine_arms) <= set(arms):
            return False
    return other.query is None or (one.query is not None and _query_implies(one.query, other.query))


def why_impossible(when: When) -> str:
    """Why a condition never holds; "" where it may."""
    if when.browse and _of_words(when):
        return _wordless(when)
    if when.query is not None:
        why = _query_impossible(when.query)
        if why:
            return why
    for branch in when.none or ():
        if implies(when.model_copy(update={"none": None}), branch):
            return "`none` excludes what the other conditions ask for"
    reasons = [why_impossible(branch) or why_apart(when, branch) for branch in when.any or ()]
    if reasons and all(reasons):
        return f"no alternative of `any` can hold: {reasons[0]}"
    return ""


def phrases(values: Iterable[str]) -> list[Tokens]:
    """The values that have words, as queries are compared."""
    return [found for found in map(words, values) if found]


def _query_impossible(query: QueryCondition) -> str:
    for key in ("exact", "starts_with", "contains", "words"):
        values = getattr(query, key)
        if values is not None and not phrases(values):
            return f"`query.{key}` has no words or numbers that a query could be compared with"
    if query.exact is not None:
        rest = query.model_copy(update={"exact": None})
        if not any(_met_by(found, rest) for found in phrases(query.exact)):
            return "no `query.exact` meets the other conditions on the query"
    elif query.longest is not None:
        for key in ("starts_with", "contains"):
            values = getattr(query, key)
            if values is not None and min(map(len, phrases(values))) > query.longest:
                return f"`query.{key}` is longer than `longest: {query.longest}`"
        if (
            query.words is not None
            and len({one for found in phrases(query.words) for one in found}) > query.longest
        ):
            return f"`query.words` are more than `longest: {query.longest}`"
    return ""


def _queries_apart(one: QueryCondition, other: QueryCondition) -> str:
    for mine, theirs in ((one, other), (other, one)):
        if mine.exact is not None and not any(_met_by(found, theirs) for found in phrases(mine.exact)):
            return "no query meets both conditions on its words"
    if one.starts_with and other.starts_with:
        pairs = [(mine, theirs) for mine in phrases(one.starts_with) for theirs in phrases(other.starts_with)]
        if not any(mine[: len(theirs)] == theirs[: len(mine)] for mine, theirs in pairs):
            return "no query begins with both"
    return ""


def _met_by(query: Tokens, condition: QueryCondition) -> bool:
    """Whether a query of these words meets the conditions."""
    if condition.longest is not None and len(query) > condition.longest:
        return False
    if condition.exact is not None and query not in phrases(condition.exact):
        return False
    if condition.starts_with is not None and not any(
        query[: len(found)] == found for found in phrases(condition.starts_with)
    ):
        return False
    if condition.contains is not None and not any(
        _contains(query, found) for found in phrases(condition.contains)
    ):
        return False
    return condition.words is None or all(set(found) <= set(query) for found in phrases(condition.words))


def _query_implies(one: QueryCondition, other: QueryCondition) -> bool:
    if one.exact is not None:
        return all(_met_by(found, other) for found in phrases(one.exact) if _met_by(found, one))
    if other.exact is not None or (
        other.longest is not None and (one.longest is None or one.longest > other.longest)
    ):
        return False
    if other.starts_with is not None and not _all_within(
        one.starts_with, other.starts_with, lambda mine, theirs: mine[: len(theirs)] == theirs
    ):
        return False
    if other.contains is not None and not (
        _all_within(one.contains, other.contains, _contains)
        or _all_within(one.starts_with, other.contains, _contains)
    ):
        return False
    wanted = {word for found in phrases(other.words or ()) for word in found}
    return wanted <= {word for found in phrases(one.words or ()) for word in found}


def _all_within(
    mine: Sequence[str] | None, theirs: Sequence[str], meets: Callable[[Tokens, Tokens], bool]
) -> bool:
    wanted = phrases(theirs)
    return mine is not None and all(any(meets(found, one) for one in wanted) for found in phrases(mine))


def _contains(query: Tokens, phrase: Tokens) -> bool:
    return any(query[place : place + len(phrase)] == phrase for place in range(len(query)))


def _results_apart(one: ResultCondition, other: ResultCondition) -> str:
    for mine, theirs in ((one, other), (other, one)):
        if mine.at_least is not None and theirs.at_most is not None and mine.at_least > theirs.at_most:
            return "no number of hits meets both conditions on the result"
    return ""


def _share_a_locale(some: Iterable[str], others: Sequence[str]) -> bool:
    return any(_within(one, other) or _within(other, one) for one in some for other in others)


def _within(locale: str, wider: str) -> bool:
    locale, wider = (one.strip().replace("_", "-").casefold() for one in (locale, wider))
    return locale == wider or locale.startswith(f"{wider}-")


def _values(when: When, key: str) -> set[str] | None:
    values = getattr(when, key)
    if values is None:
        return None
    if key in ("brand", "category", "color", "size"):
        return set(map(name_of, values))
    return {str(value).strip().casefold() for value in values}


def _of_words(when: When) -> str:
    """A key of the condition that only a search with words can meet; "" for none."""
    return next((key for key in OF_WORDS if getattr(when, key) is not None), "")


def _wordless(asking: When) -> str:
    return f"without words (`browse: true`) nothing is said of `{_of_words(asking)}`"


def _restricted_apart(one: When, other: When) -> bool:
    """Whether both restrict one field to different values. A search may do so twice, where documents have
    several values, but it is two pages of a shop as a rule."""
    return any(
        set(map(name_of, values)).isdisjoint(map(name_of, (other.filter or {}).get(field, values)))
        for field, values in (one.filter or {}).items()
    )


def _either(values: Iterable[str]) -> str:
    return "/".join(sorted(values)[:3])


def _over_midnight(active: Active) -> bool:
    return active.hours is not None and active.hours[:5] >= active.hours[6:]
