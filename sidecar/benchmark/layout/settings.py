"""The rules that are tried: each setting is a few rules that diversify."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sidecar.benchmark.layout.bed import Laid
from sidecar.benchmark.layout.variety import Order
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import LayoutWish, Search
from sidecar.domain.understanding import Intent
from sidecar.ranking.layout.arrangement import arrange
from sidecar.ranking.layout.asked import Asked, asked
from sidecar.ranking.layout.compiled import compile_rules
from sidecar.ranking.layout.compiled_rule import CompiledRule
from sidecar.ranking.layout.stage import DEFAULT
from sidecar.ranking.layout.window import Window
from sidecar.rules.columns import Columns
from sidecar.rules.language.rule import Rule
from sidecar.rules.language.varying import Mmr
from sidecar.rules.rule_set import RuleSet

RELEVANCE = "relevance alone"
BALANCES = (0.9, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.4, 0.3)
FIELDS: dict[str, dict[str, float]] = {
    "brand, category, title": {"brand": 1, "category": 1, "title": 1},
    "title": {"title": 1},
    "brand, title": {"brand": 1, "title": 1},
}
BROADEST = 0.5
"""Below, twice the weight of likeness would be more than all of it."""

CAPS = (3, 2, 1)
SIMILAR = (0.85, 0.7, 0.5)
NO_HURRY = 3600.0
AT_REST = 0.0
"""`now` for rules without dates: the same order on every day."""

SPECIFIC = [Intent.BRAND.value, Intent.EXACT_PRODUCT.value]
"""What the searches are after that a rule may leave out: a brand, or one product."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`family` are settings that one figure turns, `amount`; `rules` as they are written, none for none.

    What `knows_labels` is a bound: nobody could choose it.
    """

    name: str
    family: str
    amount: float
    rules: Sequence[Mapping[str, Any]] = ()
    knows_labels: bool = False


def settings() -> list[Setting]:
    """Relevance alone first, then each family from little to much variety."""
    found = [Setting(RELEVANCE, RELEVANCE, 0.0)]
    for name, fields in FIELDS.items():
        found += [
            Setting(f"MMR {balance:g} by {name}", f"MMR by {name}", balance, rules(mmr(balance, fields)))
            for balance in BALANCES
        ]
    found += [by_breadth(balance) for balance in BALANCES if balance > BROADEST]
    found += [Setting(f"at most {most} of a brand", "cap per brand", most, rules(cap(most))) for most in CAPS]
    found += [
        Setting(
            f"at most {most} of a brand, unless asked for",
            "cap per brand, unless asked for",
            most,
            rules(cap(most), {"none": [{"intent": SPECIFIC}]}),
        )
        for most in CAPS
    ]
    found += [
        Setting(
            f"titles at most {share:g} alike", "near-duplicate titles", share,
            rules({"max_similar": {"similarity": share}}),
        )
        for share in SIMILAR
    ]  # fmt: skip
    default = Mmr()
    found.append(
        Setting(
            "the language's default MMR",
            "default",
            default.balance,
            rules(mmr(default.balance, default.fields)),
        )
    )
    return found


def by_breadth(balance: float) -> Setting:
    """MMR that weighs likeness twice as much where a whole category is asked for, and rests where a brand or
    one product is."""
    broad = round(1 - 2 * (1 - balance), 2)
    fields = Mmr().fields
    return Setting(
        f"MMR {balance:g} ({broad:g} for categories, none for brands)",
        "MMR by what is asked for",
        balance,
        (
            rule("broad", mmr(broad, fields), {"intent": Intent.CATEGORY.value}),
            rule("others", mmr(balance, fields), {"none": [{"intent": [*SPECIFIC, Intent.CATEGORY.value]}]}),
        ),
    )


def rules(diversify: Mapping[str, Any], when: Mapping[str, Any] | None = None) -> tuple[dict[str, Any]]:
    """One rule with that action."""
    return (rule("varied", diversify, when or {}),)


def rule(id_: str, diversify: Mapping[str, Any], when: Mapping[str, Any]) -> dict[str, Any]:
    """A rule with one diversify action, as it is written."""
    return {"id": id_, "when": when, "then": [{"diversify": diversify}]}


def mmr(balance: float, fields: Mapping[str, float]) -> dict[str, Any]:
    """A diversify action."""
    return {"mmr": {"balance": balance, "fields": fields}}


def cap(most: int) -> dict[str, Any]:
    """A diversify action: at most so many hits of a brand."""
    return {"max_per_field": {"brand": most}}


def order_of(setting: Setting) -> Callable[[Laid], Order]:
    """What the stage makes of a query's hits by the setting: places in the bed's order, best first.

    Raises ValueError for a setting whose rules are none.
    """
    if not setting.rules:
        return lambda laid: np.arange(len(laid.candidates))
    compiled = compile_rules(RuleSet.of([Rule.model_validate(one) for one in setting.rules]))
    if compiled.problems:
        raise ValueError(f"{setting.name}: {compiled.problems[0][1]}")
    wish = LayoutWish(removes=True)

    def ordered(laid: Laid) -> Order:
        window = Window(laid.candidates, Columns(laid.candidates, AT_REST), laid.scores)
        plan = compiled.plan(compiled.matching(_said(laid), AT_REST, _failed))
        return np.array(arrange(plan, window, wish=wish, clamp=1.0).order, np.intp)

    return ordered


def _said(laid: Laid) -> Asked:
    search = Search(
        laid.query.text, laid.candidates, Deadline.after(NO_HURRY), understanding=laid.understanding
    )
    return asked(search, laid.candidates, profile=DEFAULT, anonymous=True)


def _failed(failed: CompiledRule, error: Exception) -> None:
    raise ValueError(f"a condition of rule {failed.id} cannot be judged") from error
