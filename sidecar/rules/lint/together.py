"""What can be said of conditions without a search: whether two can hold at once, whether one implies another.

Where nothing is known, two can hold together and neither implies the other.
"""

from collections.abc import Iterable, Sequence

from sidecar.rules.language.active import Active
from sidecar.rules.language.conditions import ResultCondition, When
from sidecar.rules.lint.queries import query_implies, why_queries_apart, why_query_impossible
from sidecar.text.folding import name as name_of
from sidecar.text.folding import value as value_of

SINGLE = ("intent", "profile", "device", "channel", "application")
"""Of these a search has one; it may well name two brands."""

OF_WORDS = ("query", "brand", "category", "color", "size", "intent")
"""What only a search with words can say."""

LISTS = ("brand", "category", "color", "size", "segment", "index", *SINGLE)


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
    my_arms, their_arms = _arms(one), _arms(other)
    for experiment in sorted(my_arms.keys() & their_arms.keys()):
        arms, others = my_arms[experiment], their_arms[experiment]
        if arms.isdisjoint(others):
            return f"the arm of `{experiment}` is either {_either(arms)} or {_either(others)}"
    if one.result and other.result:
        return _results_apart(one.result, other.result)
    return why_queries_apart(one.query, other.query) if one.query and other.query else ""


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
        if mine_values is None or not set(map(value_of, mine_values)) <= set(map(value_of, wanted_values)):
            return False
    for key in ("crawler", "anonymous", "result", "any", "none"):
        wanted_value = getattr(other, key)
        if wanted_value is not None and getattr(one, key) != wanted_value:
            return False
    if other.locale is not None and not all(
        any(_within(locale, wider) for wider in other.locale) for locale in one.locale or ("",)
    ):
        return False
    my_arms = _arms(one)
    for experiment, arms in _arms(other).items():
        if experiment not in my_arms or not my_arms[experiment] <= arms:
            return False
    return other.query is None or (one.query is not None and query_implies(one.query, other.query))


def why_impossible(when: When) -> str:
    """Why a condition never holds; "" where it may."""
    if when.browse and _of_words(when):
        return _wordless(when)
    for experiment, arms in _arms(when).items():
        if not arms:
            return f"no arm of `{experiment}` meets both of its conditions: case does not count"
    if when.query is not None:
        why = why_query_impossible(when.query)
        if why:
            return why
    for branch in when.none or ():
        if implies(when.model_copy(update={"none": None}), branch):
            return "`none` excludes what the other conditions ask for"
    reasons = [why_impossible(branch) or why_apart(when, branch) for branch in when.any or ()]
    if reasons and all(reasons):
        return f"no alternative of `any` can hold: {reasons[0]}"
    return ""


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
    return set(map(_folded, values))


def _arms(when: When) -> dict[str, frozenset[str]]:
    """The arms of each experiment, as searches name them: case does not count. An experiment that is there
    twice is so in an arm of both."""
    found: dict[str, frozenset[str]] = {}
    for experiment, arms in (when.experiment or {}).items():
        name, folded = _folded(experiment), frozenset(map(_folded, arms))
        found[name] = found.get(name, folded) & folded
    return found


def _folded(word: str) -> str:
    return word.strip().casefold()


def _of_words(when: When) -> str:
    """A key of the condition that only a search with words can meet; "" for none."""
    return next((key for key in OF_WORDS if getattr(when, key) is not None), "")


def _wordless(asking: When) -> str:
    return f"without words (`browse: true`) nothing is said of `{_of_words(asking)}`"


def _restricted_apart(one: When, other: When) -> bool:
    """Whether both restrict one field to different values. A search may do so twice, where documents have
    several values, but it is two pages of a shop as a rule."""
    return any(
        set(map(value_of, values)).isdisjoint(map(value_of, (other.filter or {}).get(field, values)))
        for field, values in (one.filter or {}).items()
    )


def _either(values: Iterable[str]) -> str:
    return "/".join(sorted(values)[:3])


def _over_midnight(active: Active) -> bool:
    return active.hours is not None and active.hours[:5] >= active.hours[6:]
