"""A release of rules, compiled once: what searches are arranged by."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.asked import Asked
from sidecar.ranking.layout.compiled_rule import CompiledRule
from sidecar.ranking.layout.conditions import NeverHolds
from sidecar.ranking.layout.occasion import Occasion, occasion_of
from sidecar.ranking.layout.plan import Plan
from sidecar.ranking.layout.rule_index import RuleIndex
from sidecar.ranking.layout.works import Expressions, work_of
from sidecar.rules.expression.errors import ExpressionError
from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet
from sidecar.rules.specificity import specificity

MOST_PLANS = 500
"""Of the rules that hold together those that held last are remembered; 50 rules take some 50 KB."""

STRENGTH = attrgetter("strength")


class CompiledRules:
    """All rules of a release, strongest first: by priority, then specificity, then the lowest id.

    `problems` names the rules that are left out because they cannot be compiled, and why. `release` is what
    answers tell of it, such as "12@3f2a91c0".
    """

    def __init__(
        self,
        release: str,
        rules: Sequence[CompiledRule],
        occasions: Sequence[Occasion],
        problems: Sequence[tuple[str, str]],
    ) -> None:
        self.release = release
        self.rules = rules
        self.problems = tuple(problems)
        self._occasions = occasions
        self._index = RuleIndex([occasion.when for occasion in occasions])
        self._plan = lru_cache(MOST_PLANS)(self._planned)

    def __len__(self) -> int:
        return len(self.rules)

    def matching(
        self, asked: Asked, now: float, failed: Callable[[CompiledRule, Exception], None]
    ) -> list[CompiledRule]:
        """The rules that hold for a search at `now` (seconds since 1970), strongest first.

        `failed` is told of a condition that could not be judged; that rule does not hold.
        """
        found: list[CompiledRule] = []
        for place in self._index.possible(asked):
            occasion = self._occasions[place]
            try:
                if occasion.holds(asked, now):
                    found += occasion.rules
            except Exception as error:  # noqa: BLE001 - the caller is told
                for rule in occasion.rules:
                    failed(rule, error)
        found.sort(key=STRENGTH)
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
    occasions: dict[str, Occasion] = {}
    kept: list[CompiledRule] = []
    problems: list[tuple[str, str]] = []
    for rule in ordered:
        try:
            written = rule.model_dump_json(include={"when", "active"})
            occasion = occasions.get(written) or occasion_of(rule.when, rule.active)
            made = _compiled(rule, len(kept), expressions)
        except NeverHolds as reason:
            problems.append((rule.id, f"it can never hold: {reason}"))
        except ExpressionError as error:
            problems.append((rule.id, str(error)))
        except Exception as error:  # noqa: BLE001 - told in `problems`
            problems.append((rule.id, f"it cannot be compiled: {type(error).__name__}: {error}"))
        else:
            kept.append(made)
            occasions.setdefault(written, occasion).rules.append(made)
    return CompiledRules(release, kept, list(occasions.values()), problems)


def _compiled(rule: Rule, strength: int, expressions: Expressions) -> CompiledRule:
    acts = [
        Act(rule.id, strength, at, action.kind, work_of(action, expressions))
        for at, action in enumerate(rule.then)
    ]
    reads_signals = any(
        (action.boost is not None and action.boost.engagement is not None)
        or (action.slot is not None and action.slot.kind == "recommended")
        for action in rule.then
    )
    return CompiledRule(rule.id, strength, acts, rule.holdout, reads_signals)
