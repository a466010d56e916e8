"""The layout: what the shop's rules make of an answer."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sidecar.config.profile import Profile
from sidecar.config.rules import Rules
from sidecar.domain.candidate import Candidate
from sidecar.domain.hiding_check import HidingCheck
from sidecar.domain.search import Search
from sidecar.profiles.keying import Keys
from sidecar.ranking.layout.asked import asked
from sidecar.ranking.layout.attempts import RAISED
from sidecar.ranking.layout.chances import Chance, chance_of
from sidecar.ranking.layout.checking import hidden_by
from sidecar.ranking.layout.compiled import CompiledRules
from sidecar.ranking.layout.compiled_rule import CompiledRule
from sidecar.ranking.layout.failures import Failures
from sidecar.ranking.layout.layout_search import NAME, Begun, LayoutSearch, Parts
from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.stable_orders import StableOrders
from sidecar.ranking.permission import may_be_remembered
from sidecar.ranking.standing import Standing

SECONDS_A_DAY = 86_400
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class _Who:
    """`stable`: a crawler or an anonymous shopper, who gets one order a query and day."""

    anonymous: bool
    stable: bool


class LayoutStage:
    """Carries out the rules that are live. One for all searches; `begin` makes each its own stage."""

    name = NAME

    def __init__(
        self,
        rules: Callable[[], CompiledRules | None],
        metrics: LayoutMetrics,
        settings: Rules,
        keys: Keys | None = None,
        clock: Callable[[], float] = time.time,
        *,
        profiles: Mapping[str, Profile] | None = None,
        consent_required: bool = False,
    ) -> None:
        """`rules` answers what is live, None while nothing is. `keys` choose who is held out of a rule.
        `clock` is in seconds since 1970. `profiles` by name: what rules call them."""
        self._rules = rules
        self._metrics = metrics
        self._keys = keys
        self._clock = clock
        self._names = {id(profile): name for name, profile in (profiles or {}).items()}
        self._versions: dict[int, tuple[Profile, str]] = {}
        self._consent_required = consent_required
        failures = Failures(settings.failures, metrics)
        self._parts = Parts(metrics, failures, StableOrders(), settings.slow_rule_ms / 1000)

    @property
    def version(self) -> str:
        """Of the rules that are live, as answers tell it; "" while none are."""
        rules = self._rules()
        return rules.release if rules is not None else ""

    def begin(
        self, search: Search, profile: Profile, standing: Standing, *, complete: bool = True
    ) -> LayoutSearch | None:
        """This search's stage, where some rule holds for it; None where none does.

        To be called after relevance, whose order rules' conditions on results look at. `complete`: relevance
        had its say of every hit, so that its order may be remembered for crawlers and anonymous shoppers.
        """
        rules = self._rules()
        if rules is None or not len(rules) or not profile.layout.enabled:
            self._metrics.search("no_rules" if rules is None or not len(rules) else "off").inc()
            return None
        who, name = self._who(search), self._names.get(id(profile)) or search.profile or DEFAULT
        off = self._parts.failures.off(rules)
        moment = search.context.time.timestamp() if search.context.time is not None else self._clock()

        def failed(rule: CompiledRule, error: Exception) -> None:
            del error  # its text may hold words of the query
            self._parts.failures.failed(rules, rule.id, RAISED)

        said = asked(search, standing.candidates, profile=name, anonymous=who.anonymous)
        found = rules.matching(said, moment, failed)
        if not found:
            self._metrics.search("none").inc()
            return None
        chance = None if who.stable else chance_of(search.shopper, self._keys)
        holding, held_out, switched_off = _sorted_out(found, off, chance)
        self._metrics.rules.observe(len(holding))
        day = int(moment // SECONDS_A_DAY)
        return LayoutSearch(
            self._parts,
            Begun(
                release=rules,
                plan=rules.plan(holding),
                held_out=held_out,
                switched_off=switched_off,
                now=float(day * SECONDS_A_DAY) if who.stable else moment,
                stable_key=(name, self._version_of(profile), str(day)) if who.stable else None,
                complete=complete,
                chance=chance,
            ),
        )

    def kept_out(self, check: HidingCheck, documents: Sequence[Candidate]) -> list[bool]:
        """Of each document whether it must not be shown: a rule hides it, or nobody can tell."""
        rules = self._rules()
        live = rules is not None and rules.release == check.release
        gone = hidden_by(rules, check, documents, self._parts.slow) if rules is not None and live else None
        count = self._metrics.checks.labels
        if gone is None:
            count("unknown").inc(len(documents))
            return [True] * len(documents)
        count("hidden").inc(int(gone.sum()))
        count("shown").inc(int((~gone).sum()))
        return list(gone.tolist())

    def _version_of(self, profile: Profile) -> str:
        """By identity: profiles are read once, at the start, and cannot change."""
        known = self._versions.get(id(profile))
        if known is None:
            known = self._versions[id(profile)] = (profile, profile.version())
        return known[1]

    def _who(self, search: Search) -> _Who:
        shopper = search.shopper
        told = bool(shopper.client_id or shopper.user_id)
        anonymous = not told or not may_be_remembered(shopper, consent_required=self._consent_required)
        return _Who(anonymous, anonymous or search.context.crawler)


def _sorted_out(
    found: list[CompiledRule], off: set[str], chance: Chance | None
) -> tuple[list[CompiledRule], list[CompiledRule], list[CompiledRule]]:
    """The rules that hold, those that stay out for this shopper, and those that are switched off."""
    if off:
        switched_off = [rule for rule in found if rule.id in off]
        found = [rule for rule in found if rule.id not in off]
    else:
        switched_off = []
    held_out: list[CompiledRule] = []
    if chance is not None:
        held_out = [rule for rule in found if rule.holdout and chance(rule.id) < rule.holdout]
    if held_out:
        found = [rule for rule in found if rule not in held_out]
    return found, held_out, switched_off
