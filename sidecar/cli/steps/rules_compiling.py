"""Rules as searches would run them, or what keeps them from being run."""

from sidecar.ranking.layout.compiled import CompiledRules, compile_rules
from sidecar.rules.problem import Problem, RulesInvalid
from sidecar.rules.rule_set import Origin, RuleSet


def compiled_or_told(rule_set: RuleSet) -> CompiledRules:
    """The rules as searches would run them. Raises RulesInvalid where one cannot be compiled."""
    compiled = compile_rules(rule_set, "draft")
    if compiled.problems:
        raise RulesInvalid(_told(rule_set, compiled))
    return compiled


def compile_problems(rule_set: RuleSet) -> list[Problem]:
    """What keeps rules from being compiled, an error for each of these rules."""
    return _told(rule_set, compile_rules(rule_set, "draft"))


def _told(rule_set: RuleSet, compiled: CompiledRules) -> list[Problem]:
    nowhere = Origin("", 0)
    return [
        Problem("error", "compile", origin.file, origin.line, rule, f"{reason}.")
        for rule, reason in compiled.problems
        for origin in [rule_set.origins.get(rule, nowhere)]
    ]
