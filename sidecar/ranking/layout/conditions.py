"""Conditions of rules, compiled: `when` becomes checks of a search, cheap ones first."""

from collections.abc import Callable, Sequence

from sidecar.domain.understanding import EntityKind
from sidecar.ranking.layout import folding, wildcards
from sidecar.ranking.layout.asked import NOTHING, Asked
from sidecar.ranking.layout.folding import Tokens
from sidecar.ranking.layout.rounding import ROUNDING
from sidecar.rules.language.conditions import QueryCondition, ResultCondition, TopCategory, When
from sidecar.text.folding import lone_sign, words
from sidecar.text.folding import name as name_of
from sidecar.text.folding import value as value_of

Check = Callable[[Asked], bool]
OfQuery = Callable[[Tokens, str], bool]
"""Looks at the tokens of a query, and at them as one text with a space around each."""

NAMED = (
    ("brand", EntityKind.BRAND),
    ("category", EntityKind.CATEGORY),
    ("color", EntityKind.COLOR),
    ("size", EntityKind.SIZE),
)


class NeverHolds(ValueError):
    """A condition that no search can meet; the message says why."""


def checks_of(when: When) -> tuple[Check, ...]:
    """All of them must hold. Raises NeverHolds."""
    checks: list[Check] = []
    for flag in ("crawler", "anonymous", "browse"):
        wanted = getattr(when, flag)
        if wanted is not None:
            checks.append(_flag(flag, wanted))
    for key in ("profile", "device", "channel", "application"):
        values = getattr(when, key)
        if values is not None:
            checks.append(_one_of(key, frozenset(map(folding.word, values))))
    if when.locale is not None:
        checks.append(_locale([folding.locale(value) for value in when.locale]))
    if when.segment is not None:
        checks.append(_segment(frozenset(map(folding.word, when.segment))))
    if when.intent is not None:
        checks.append(_one_of("intent", frozenset(intent.value for intent in when.intent)))
    for key, kind in NAMED:
        values = getattr(when, key)
        if values is not None:
            checks.append(_named(kind, frozenset(map(name_of, values))))
    for field, values in (when.filter or {}).items():
        checks.append(_restricted(field, frozenset(map(value_of, values))))
    if when.experiment is not None:
        for experiment, arms in when.experiment.items():
            checks.append(_arm(folding.word(experiment), frozenset(map(folding.word, arms))))
    if when.index is not None:
        checks.append(_index(when.index))
    if when.query is not None:
        checks.extend(_query(when.query))
    if when.any is not None:
        checks.append(_any(when.any))
    if when.none is not None:
        checks.append(_none(when.none))
    if when.result is not None:
        checks.extend(_result(when.result))
    return tuple(checks)


def holds(checks: Sequence[Check], asked: Asked) -> bool:
    """Whether all checks do."""
    for check in checks:  # noqa: SIM110 - asked so often that a generator is felt
        if not check(asked):
            return False
    return True


def phrases(values: Sequence[str]) -> list[Tokens]:
    """The phrases that have words. Raises NeverHolds where none does."""
    found = [tokens for tokens in map(words, values) if tokens]
    if not found:
        raise NeverHolds(f"`{values[0]}` has no words or numbers that a query could be compared with")
    return found


def lone_signs(values: Sequence[str]) -> list[str]:
    """Those that are a single Chinese, Japanese or Korean sign: a query's pairs of signs hide them."""
    return [sign for value in values if (sign := lone_sign(value))]


def _flag(name: str, wanted: bool) -> Check:
    return lambda asked: getattr(asked, name) is wanted


def _one_of(name: str, values: frozenset[str]) -> Check:
    return lambda asked: getattr(asked, name) in values


def _locale(values: Sequence[str]) -> Check:
    whole = frozenset(values)
    prefixes = tuple(f"{value}-" for value in whole)
    return lambda asked: asked.locale in whole or asked.locale.startswith(prefixes)


def _segment(values: frozenset[str]) -> Check:
    return lambda asked: not values.isdisjoint(asked.segments)


def _named(kind: EntityKind, values: frozenset[str]) -> Check:
    return lambda asked: not values.isdisjoint(asked.names.get(kind, NOTHING))


def _restricted(field: str, values: frozenset[str]) -> Check:
    """Every hit has one of the values: of `Shoes or Boots` a rule for shoes alone says nothing."""
    return lambda asked: any(found <= values for found in asked.restricted.get(field, ()))


def _arm(experiment: str, arms: frozenset[str]) -> Check:
    return lambda asked: asked.arms.get(experiment) in arms


def _index(values: Sequence[str]) -> Check:
    plain = frozenset(value for value in values if "*" not in value)
    patterns = [wildcards.matcher(value) for value in values if "*" in value]
    return lambda asked: asked.index in plain or any(matches(asked.index) for matches in patterns)


def _query(condition: QueryCondition) -> list[Check]:
    """One check, for the words as typed or as corrected; and one for each sign that stands alone."""
    parts: list[OfQuery] = []
    if condition.longest is not None:
        parts.append(_at_most(condition.longest))
    if condition.exact is not None:
        parts.append(_exactly(frozenset(phrases(condition.exact))))
    checks: list[Check] = []
    for values, part_of, has_sign in (
        (condition.starts_with, _starting, _begins_with),
        (condition.contains, _containing, str.__contains__),
    ):
        if values is None:
            continue
        signs = lone_signs(values)
        if signs:
            checks.append(_with_signs(part_of(phrases(values)), signs, has_sign))
        else:
            parts.append(part_of(phrases(values)))
    if condition.words is not None:
        signs = lone_signs(condition.words)
        checks.extend(_containing_sign(sign) for sign in signs)
        rest = [value for value in condition.words if not lone_sign(value)]
        if rest:
            parts.append(_with_words(frozenset(one for tokens in phrases(rest) for one in tokens)))
    if parts:
        checks.append(_of_one_reading(parts))
    return checks


def _of_one_reading(parts: Sequence[OfQuery]) -> Check:
    if len(parts) == 1:
        part = parts[0]

        def alone(asked: Asked) -> bool:
            for tokens, line in asked.readings:  # noqa: SIM110 - asked so often that a generator is felt
                if part(tokens, line):
                    return True
            return False

        return alone

    def check(asked: Asked) -> bool:
        return any(all(part(tokens, line) for part in parts) for tokens, line in asked.readings)

    return check


def _at_most(longest: int) -> OfQuery:
    return lambda tokens, _: len(tokens) <= longest


def _exactly(wanted: frozenset[Tokens]) -> OfQuery:
    return lambda tokens, _: tokens in wanted


def _starting(wanted: Sequence[Tokens]) -> OfQuery:
    beginnings = tuple(_line(tokens) for tokens in wanted)
    return lambda _, line: line.startswith(beginnings)


def _containing(wanted: Sequence[Tokens]) -> OfQuery:
    lines = [_line(tokens) for tokens in wanted]
    if len(lines) == 1:
        only = lines[0]
        return lambda _, line: only in line

    def part(_: Tokens, line: str) -> bool:
        for one in lines:  # noqa: SIM110 - as above
            if one in line:
                return True
        return False

    return part


def _with_words(words: frozenset[str]) -> OfQuery:
    return lambda tokens, _: words.issubset(tokens)


def _containing_sign(sign: str) -> Check:
    return lambda asked: sign in asked.text


def _with_signs(part: OfQuery, signs: Sequence[str], has_sign: Callable[[str, str], bool]) -> Check:
    """Signs that stand alone are looked for in the text, phrases in the readings."""
    return lambda asked: (
        any(has_sign(asked.text, sign) for sign in signs)
        or any(part(tokens, line) for tokens, line in asked.readings)
    )


def _begins_with(text: str, sign: str) -> bool:
    return text.lstrip().startswith(sign)


def _line(tokens: Tokens) -> str:
    return f" {' '.join(tokens)} "


def _any(alternatives: Sequence[When]) -> Check:
    """An alternative that never holds is left out; none left: NeverHolds."""
    possible, reasons = [], []
    for alternative in alternatives:
        try:
            possible.append(checks_of(alternative))
        except NeverHolds as reason:
            reasons.append(str(reason))
    if not possible:
        raise NeverHolds("; ".join(reasons))
    return lambda asked: any(holds(checks, asked) for checks in possible)


def _none(alternatives: Sequence[When]) -> Check:
    possible = []
    for alternative in alternatives:
        try:
            possible.append(checks_of(alternative))
        except NeverHolds:
            continue
    return lambda asked: not any(holds(checks, asked) for checks in possible)


def _result(condition: ResultCondition) -> list[Check]:
    checks: list[Check] = []
    least, most = condition.at_least, condition.at_most
    if least is not None:
        checks.append(_with_at_least(least))
    if most is not None:
        checks.append(_with_at_most(most))
    if condition.top is not None:
        checks.append(_with_top(condition.top))
    return checks


def _with_at_least(least: int) -> Check:
    return lambda asked: len(asked.hits) >= least


def _with_at_most(most: int) -> Check:
    return lambda asked: len(asked.hits) <= most


def _with_top(condition: TopCategory) -> Check:
    wanted = None if condition.value is None else frozenset(map(name_of, condition.value))
    name, first, share = condition.field, condition.first, condition.share

    def check(asked: Asked) -> bool:
        looked_at = min(first, len(asked.hits))
        counted = asked.values(name, first)
        most = max(
            (count for value, count in counted.items() if wanted is None or value in wanted), default=0
        )
        return most > 0 and most >= share * looked_at - ROUNDING

    return check
