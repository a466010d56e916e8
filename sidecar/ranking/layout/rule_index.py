"""Which rules can hold for a search: of a thousand only a few are looked at.

Each rule is filed under the values of one of its conditions, all of which a search would have to name: an
exact query, a word, a brand, a segment. Where it has several such conditions, the one whose values the fewest
rules have counts. What has no such condition is looked at for every search.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sidecar.ranking.layout import folding
from sidecar.ranking.layout.asked import Asked
from sidecar.ranking.layout.conditions import NAMED, NeverHolds, lone_signs, phrases
from sidecar.rules.language.conditions import QueryCondition, When
from sidecar.text.folding import SIGN, lone_sign, words
from sidecar.text.folding import name as name_of
from sidecar.text.folding import value as value_of

Key = tuple[str, object]
Keys = frozenset[Key]
"""A search that a rule holds for has one of them."""

EXACT, WORD, SIGN_ALONE = "exact", "word", "sign"
OFTEN = {
    **dict.fromkeys(("crawler", "anonymous", "browse"), 1000),
    **dict.fromkeys(("locale", "device", "channel", "application"), 300),
}
"""What such a key costs beside the rules that share it: half of all searches have it."""


class RuleIndex:
    """Files rules by what they ask for; `possible` finds those that a search could meet."""

    def __init__(self, whens: Sequence[When]) -> None:
        """By place; a rule's place is what `possible` names it by."""
        choices = [_choices(when) for when in whens]
        shared = Counter(key for options in choices for keys in options for key in keys)
        self._filed: dict[str, dict[object, list[int]]] = {}
        self.always: list[int] = []
        for place, options in enumerate(choices):
            if not options:
                self.always.append(place)
                continue
            best = min(options, key=lambda keys: _cost(keys, shared))
            for kind, value in best:
                self._filed.setdefault(kind, {}).setdefault(value, []).append(place)

    def possible(self, asked: Asked) -> list[int]:
        """The places of rules that may hold, rising."""
        found = set(self.always)
        filed = self._filed
        for kind, values in _said(asked):
            by_value = filed.get(kind)
            if by_value is None:
                continue
            for value in values:
                places = by_value.get(value)
                if places is not None:
                    found.update(places)
        return sorted(found)


def _cost(keys: Keys, shared: Mapping[Key, int]) -> tuple[int, int]:
    return sum(shared[key] + OFTEN.get(key[0], 0) for key in keys), len(keys)


def _commonness(keys: Keys) -> tuple[int, int]:
    return sum(OFTEN.get(kind, 0) for kind, _ in keys), len(keys)


def _said(asked: Asked) -> Iterable[tuple[str, Iterable[object]]]:
    """What a search can be found by."""
    yield EXACT, asked.queries
    for tokens in asked.queries:
        yield WORD, tokens
    if not asked.text.isascii():
        yield SIGN_ALONE, SIGN.findall(asked.text)
    for kind, names in asked.names.items():
        yield kind.value, names
    if asked.intent:
        yield "intent", (asked.intent,)
    yield "index", (asked.index,)
    yield "profile", (asked.profile,)
    if asked.segments:
        yield "segment", asked.segments
    if asked.locale:
        yield "locale", _wider(asked.locale)
    yield "device", (asked.device,)
    yield "channel", (asked.channel,)
    yield "application", (asked.application,)
    yield "crawler", (asked.crawler,)
    yield "anonymous", (asked.anonymous,)
    yield "browse", (asked.browse,)
    if asked.filters:
        yield "filter", _restricted(asked)
    if asked.arms:
        yield "experiment", asked.arms.items()


def _restricted(asked: Asked) -> Iterator[tuple[str, str]]:
    """Folded only where some rule is filed by filters."""
    for name, sets in asked.restricted.items():
        for values in sets:
            for value in values:
                yield name, value


def _wider(locale: str) -> list[str]:
    """en-gb-x, en-gb, en."""
    parts = locale.split("-")
    return ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _choices(when: When) -> list[Keys]:
    """Sets of keys, of each of which a search must have one."""
    options: list[Keys] = []
    for flag in ("crawler", "anonymous", "browse"):
        wanted = getattr(when, flag)
        if wanted is not None:
            options.append(frozenset({(flag, wanted)}))
    for key in ("profile", "device", "channel", "application", "segment"):
        values = getattr(when, key)
        if values is not None:
            options.append(frozenset((key, folding.word(value)) for value in values))
    if when.locale is not None:
        options.append(frozenset(("locale", folding.locale(value)) for value in when.locale))
    if when.index is not None and not any("*" in value for value in when.index):
        options.append(frozenset(("index", value) for value in when.index))
    if when.intent is not None:
        options.append(frozenset(("intent", intent.value) for intent in when.intent))
    for key, kind in NAMED:
        values = getattr(when, key)
        if values is not None:
            options.append(frozenset((kind.value, name_of(value)) for value in values))
    for name, values in (when.filter or {}).items():
        options.append(frozenset(("filter", (name, value_of(value))) for value in values))
    for experiment, arms in (when.experiment or {}).items():
        options.append(
            frozenset(("experiment", (folding.word(experiment), folding.word(arm))) for arm in arms)
        )
    if when.query is not None:
        options.extend(_of_query(when.query))
    if when.any is not None:
        options.extend(_of_any(when.any))
    return options


def _of_query(condition: QueryCondition) -> list[Keys]:
    options: list[Keys] = []
    if condition.exact is not None:
        options.append(frozenset((EXACT, tokens) for tokens in phrases(condition.exact)))
    if condition.starts_with is not None:
        options.extend(_by_words(condition.starts_with, lone_signs(condition.starts_with)))
    if condition.contains is not None:
        options.extend(_by_words(condition.contains, lone_signs(condition.contains)))
    if condition.words is not None:
        signs = lone_signs(condition.words)
        options.extend(frozenset({(SIGN_ALONE, sign)}) for sign in signs)
        rest = [value for value in condition.words if not lone_sign(value)]
        for value in rest:
            options.extend(frozenset({(WORD, token)}) for token in words(value))
    return options


def _by_words(values: Sequence[str], signs: Sequence[str]) -> list[Keys]:
    """One word of each phrase: all first ones, all second ones, as far as each phrase has so many."""
    found = phrases(values)
    alone: Keys = frozenset((SIGN_ALONE, sign) for sign in signs)
    shortest = min(len(tokens) for tokens in found)
    return [frozenset((WORD, tokens[at]) for tokens in found) | alone for at in range(shortest)]


def _of_any(alternatives: Sequence[When]) -> list[Keys]:
    """One key set for all alternatives together, if each of them has one."""
    together: set[Key] = set()
    for alternative in alternatives:
        try:
            options = _choices(alternative)
        except NeverHolds:
            continue
        if not options:
            return []
        best = min(options, key=_commonness)
        together.update(best)
    return [frozenset(together)] if together else []
