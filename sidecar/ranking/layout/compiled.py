"""A release of rules, compiled once: what searches are arranged by."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.asked import Asked
from sidecar.ranking.layout.compiled_rule import CompiledRule
from sidecar.ranking.layout.conditions import NeverHolds, checks_of
from sidecar.ranking.layout.period import Period
from sidecar.ranking.layout.plan import Plan
from sidecar.ranking.layout.rule_index import RuleIndex
from sidecar.ranking.layout.works import Expressions, work_of
from sidecar.rules.expression.errors import ExpressionError
from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet
from sidecar.rules.specificity import specificity

MOST_PLANS = 500
"""Of the rules that hold together those that held last are remembered; 50 rules take some 50 KB."""


class CompiledRules:
    """All rules of a release, strongest first: by priority, then specificity, then the lowest id.

    `problems` names the rules that are left out because they cannot be compiled, and why. `release` is what
    answers tell of it, such as "12@3f2a91c0".
    """

    def __init__(
        self,
        release: str,
        rules: Sequence[CompiledRule],
        index: RuleIndex,
        problems: Sequence[tuple[str, str]],
    ) -> None:
        self.release = release
        self.rules = rules
        self.problems = tuple(problems)
        self._index = index
        self._plan = lru_cache(MOST_PLANS)(self._planned)

    def __len__(self) -> int:
        return len(self.rules)

    def matching(
        self, asked: Asked, now: float, failed: Callable[[CompiledRule, Exception], None]
    ) -> list[CompiledRule]:
        """The rules that hold for a search at `now` (seconds since 1970), strongest first.

        `failed` is told of a condition that could not be judged; that rule does not hold.
        """
        found = []
        rules = self.rules
        for place in self._index.possible(asked):
            rule = rules[place]
            try:
                for check in rule.checks:
                    if not check(asked):
                        break
                else:
                    if rule.period is None or rule.period.holds(now):
                        found.append(rule)
            except Exception as error:  # noqa: BLE001 - the caller is told
                failed(rule, error)
        return found

    def plan(self, holding: Sequence[CompiledRule]) -> Plan:
        """What these of the rules, strongest first, do together."""
        return self._plan(tuple([rule.strength for rule in holding]))

    def _planned(self, strengths: tuple[int, ...]) -> Plan:
        return Plan([self.rules[strength] for strength in strengths])


def compile_rules(rule_set: RuleSet, release: str = "") -> CompiledRules:
    """The rules, ready for searches. What is switched off (`enabled: false`) is left out; what cannot be
    compiled as well, and is told in `problems`. Never raises for a rule set that was read."""
    ordered = sorted(
        (rule for rule in rule_set.rules if rule.enabled),
        key=lambda rule: (-rule.priority, -specificity(rule.when), rule.id),
    )
    expressions = Expressions()
    periods: dict[str, Period | None] = {}
    kept: list[CompiledRule] = []
    whens = []
    problems: list[tuple[str, str]] = []
    for rule in ordered:
        try:
            made = _compiled(rule, len(kept), expressions, periods)
        except NeverHolds as reason:
            problems.append((rule.id, f"it can never hold: {reason}"))
        except ExpressionError as error:
            problems.append((rule.id, str(error)))
        except Exception as error:  # noqa: BLE001 - told in `problems`
            problems.append((rule.id, f"it cannot be compiled: {type(error).__name__}: {error}"))
        else:
            kept.append(made)
            whens.append(rule.when)
    return CompiledRules(release, kept, RuleIndex(whens), problems)


def _compiled(
    rule: Rule, strength: int, expressions: Expressions, periods: dict[str, Period | None]
) -> CompiledRule:
    acts = [
        Act(rule.id, strength, at, action.kind, work_of(action, expressions))
        for at, action in enumerate(rule.then)
    ]
    written = rule.active.model_dump_json()
    if written not in periods:
        period = Period(rule.active)
        periods[written] = None if period.is_always else period
    reads_signals = any(
        (action.boost is not None and action.boost.engagement is not None)
        or (action.slot is not None and action.slot.kind == "recommended")
        for action in rule.then
    )
    return CompiledRule(
        rule.id, strength, periods[written], checks_of(rule.when), acts, rule.holdout, reads_signals
    )
