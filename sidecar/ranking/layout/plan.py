"""Rules that hold together, and all of their work that depends on no hit: done once, for many searches."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.compiled_rule import CompiledRule
from sidecar.ranking.layout.pinning import Pinning
from sidecar.ranking.layout.selections import Selections
from sidecar.ranking.layout.weighing import Weighings


class Plan:
    """`rules` are strongest first; `acts` their actions by kind, in the order in which they are written.

    `selections` are those of `hiding`, of the whole weights of `weighing`, and of `demoting`, in this order;
    hides are promised even when time is up. `pins` are by rule. `never` are the ids that rules hide; `unread`
    the rules that hide by what documents say, and `unseen` tells people that nobody has read those outside
    the window: "" where no rule does. `personal` is what rules leave of personalization, 0 to 1: the
    strongest rule's word. `reads_signals`: some rule asks what taste or other shoppers say.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.rules = rules
        self.rule_ids = [rule.id for rule in rules]
        self.acts: Mapping[str, list[Act[Any]]] = _by_kind(rules)
        acts_of = self.acts.get
        hides = [*acts_of("hide", ()), *acts_of("filter", ())]
        self.hiding, self.demoting = hides, acts_of("demote_unavailable", [])
        self.weighing = Weighings([*acts_of("boost", ()), *acts_of("bury", ())])
        whole = self.weighing.whole
        self.selections = Selections(
            [*hides, *whole, *self.demoting],
            [
                *[act.work for act in hides],
                *[act.work.selector for act in whole],
                *[act.work for act in self.demoting],
            ],
            promised=len(hides),
        )
        self.pins: Sequence[Sequence[Act[Pinning]]] = [
            list(of_rule) for _, of_rule in groupby(acts_of("pin", ()), key=lambda act: act.rule)
        ]
        self.never = frozenset(one for act in hides if act.kind == "hide" for one in act.work.ids)
        unread = [act.rule for act in hides if act.kind == "filter" or act.work.filter is not None]
        self.unread = tuple(dict.fromkeys(unread))
        self.unseen = (
            f"rule {unread[-1]} hides by what a document says, which nobody has read yet" if unread else ""
        )
        self.personal = next((float(act.work.strength) for act in acts_of("personalize", ())), 1.0)
        self.reads_signals = any(rule.reads_signals for rule in rules)


def _by_kind(rules: Sequence[CompiledRule]) -> dict[str, list[Act[Any]]]:
    acts: dict[str, list[Act[Any]]] = {}
    for rule in rules:
        for act in rule.acts:
            acts.setdefault(act.kind, []).append(act)
    return acts
