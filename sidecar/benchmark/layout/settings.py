"""The rules that are tried: one diversify action each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sidecar.benchmark.layout.bed import Laid
from sidecar.benchmark.layout.variety import Order
from sidecar.domain.search import LayoutWish
from sidecar.domain.understanding import EntityKind
from sidecar.ranking.layout.arrangement import arrange
from sidecar.ranking.layout.compiled import compile_rules
from sidecar.ranking.layout.window import Window
from sidecar.rules.columns import Columns
from sidecar.rules.language.rule import Rule
from sidecar.rules.language.varying import Mmr
from sidecar.rules.rule_set import RuleSet

RELEVANCE = "relevance alone"
BALANCES = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.3)
FIELDS: dict[str, dict[str, float]] = {
    "brand, category, title": {"brand": 1, "category": 1, "title": 1},
    "title": {"title": 1},
    "brand, title": {"brand": 1, "title": 1},
}
CAPS = (3, 2, 1)
SIMILAR = (0.85, 0.7, 0.5)
AT_REST = 0.0
"""`now` for rules without dates: the same order on every day."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`family` are settings that one figure turns, `amount`; `diversify` is the action, None for none.

    `unless_named`: not for queries that name a brand.
    """

    name: str
    family: str
    amount: float
    diversify: dict[str, Any] | None = None
    unless_named: bool = False


def settings() -> list[Setting]:
    """Relevance alone first, then each family from little to much variety."""
    found = [Setting(RELEVANCE, RELEVANCE, 0.0)]
    for name, fields in FIELDS.items():
        found += [
            Setting(f"MMR {balance:g} by {name}", f"MMR by {name}", balance, mmr(balance, fields))
            for balance in BALANCES
        ]
    found += [
        Setting(f"at most {most} of a brand", "cap per brand", most, {"max_per_field": {"brand": most}})
        for most in CAPS
    ]
    found += [
        Setting(
            f"at most {most} of a brand, unless named",
            "cap per brand, unless named",
            most,
            {"max_per_field": {"brand": most}},
            unless_named=True,
        )
        for most in CAPS
    ]
    found += [
        Setting(
            f"titles at most {share:g} alike", "near-duplicate titles", share,
            {"max_similar": {"similarity": share}},
        )
        for share in SIMILAR
    ]  # fmt: skip
    default = Mmr()
    found.append(
        Setting(
            "the language's default MMR", "default", default.balance, mmr(default.balance, default.fields)
        )
    )
    return found


def mmr(balance: float, fields: dict[str, float]) -> dict[str, Any]:
    """A diversify action."""
    return {"mmr": {"balance": balance, "fields": fields}}


def order_of(setting: Setting) -> Callable[[Laid], Order]:
    """What the stage makes of a query's hits by the setting: places in the bed's order, best first."""
    if setting.diversify is None:
        return lambda laid: np.arange(len(laid.candidates))
    rule = Rule.model_validate({"id": "varied", "then": [{"diversify": setting.diversify}]})
    compiled = compile_rules(RuleSet.of([rule]))
    if compiled.problems:
        raise ValueError(f"{setting.name}: {compiled.problems[0][1]}")
    plan, wish = compiled.plan(compiled.rules), LayoutWish(removes=True)

    def ordered(laid: Laid) -> Order:
        if setting.unless_named and laid.understanding and laid.understanding.of_kind(EntityKind.BRAND):
            return np.arange(len(laid.candidates))
        window = Window(laid.candidates, Columns(laid.candidates, AT_REST), laid.scores)
        return np.array(arrange(plan, window, wish=wish, clamp=1.0).order, np.intp)

    return ordered
