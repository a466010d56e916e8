"""What merchandisers are promised of the layout, whatever the rules and the hits."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from sidecar.config.rules import Rules
from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import LayoutWish, Page, Search, Shopper
from sidecar.ranking.layout.arrangement import Arrangement, arrange
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.compiled import compile_rules
from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.scaling import Scale
from sidecar.ranking.layout.stage import LayoutStage
from sidecar.ranking.layout.telling import BITS, LOST, NOT_HONOURED, Telling
from sidecar.ranking.layout.window import Window
from sidecar.ranking.standing import first_stage
from sidecar.rules.columns import Columns
from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet
from tests.fixtures.layouts import ALL, NOW
from tests.fixtures.searches import profile
from tests.property.layouts import (
    ANYTHING,
    CAPS,
    DEMOTING,
    FILTERS,
    HARD_PIN,
    HIDING,
    PLACE,
    SHARED,
    VARYING,
    WEIGHING,
    pins_of,
    plain,
    rule_lists,
    windows,
)

PROFILE = profile()


def made(
    rules: Sequence[Rule],
    hits: Sequence[Candidate],
    *,
    wish: LayoutWish = ALL,
    clamp: float = 4.0,
    scores: Sequence[float] | None = None,
) -> tuple[Arrangement, Telling]:
    compiled = compile_rules(RuleSet.of(rules))
    assert not compiled.problems
    window = Window(
        hits,
        Columns(hits, NOW),
        np.array([hit.score for hit in hits] if scores is None else scores, np.float64),
    )
    told = Telling()
    return arrange(compiled.plan(compiled.rules), window, wish=wish, clamp=clamp, told=told), told


class OneByOne(Attempts):
    """Nothing is worked out together."""

    def together(self, work: Any, *arguments: Any) -> None:
        return None


def final(arrangement: Arrangement, hits: Sequence[Candidate]) -> list[str]:
    """The ids as they are shown, those that are fetched among them."""
    ids = [hits[row].id for row in arrangement.order]
    for one in arrangement.fetched:
        ids.insert(one.place - 1, one.id)
    return ids


def hidden_ids(rules: Sequence[Rule], hits: Sequence[Candidate]) -> set[str]:
    """What must not be seen, worked out without any of the code under test."""
    gone = set()
    for rule in rules:
        for action in rule.then:
            what = action.hide or action.filter
            if what is None:
                continue
            for hit in hits:
                named = hit.id in (what.ids or ()) or (what.filter and FILTERS[what.filter](plain(hit)))
                if bool(named) is (action.hide is not None):
                    gone.add(hit.id)
    return gone


def never_ids(rules: Sequence[Rule]) -> set[str]:
    return {one for rule in rules for action in rule.then if action.hide for one in action.hide.ids or ()}


@SHARED
@given(rule_lists(ANYTHING), windows(), st.booleans())
def test_what_is_hidden_is_not_shown_and_nothing_is_lost_or_there_twice(
    rules: list[Rule], hits: list[Candidate], removes: bool
) -> None:
    arrangement, _ = made(rules, hits, wish=LayoutWish(removes=removes, fetches=True, sponsored=True))
    gone = hidden_ids(rules, hits)
    shown = [hits[row].id for row in arrangement.order]
    fetched = [one.id for one in arrangement.fetched]
    if removes:
        assert not gone & set(shown)
        assert sorted([*arrangement.order, *arrangement.removed]) == list(range(len(hits)))
    else:
        assert sorted(arrangement.order) == list(range(len(hits)))
        visible = len(hits) - len(arrangement.removed)
        assert not gone & set(shown[:visible])
    assert gone <= {hits[row].id for row in arrangement.removed}
    assert not set(fetched) & never_ids(rules)
    assert not set(fetched) & {hit.id for hit in hits}
    assert len(set(fetched)) == len(fetched)
    assert [one.place for one in arrangement.fetched] == sorted({one.place for one in arrangement.fetched})
    assert len(arrangement.scores) == len(arrangement.order)
    assert np.isfinite(arrangement.scores).all()
    assert (np.diff(arrangement.scores) <= 0).all()


@SHARED
@given(rule_lists(ANYTHING), windows())
def test_a_hard_pin_stands_at_its_place_or_is_reported(rules: list[Rule], hits: list[Candidate]) -> None:
    arrangement, told = made(rules, hits)
    shown = final(arrangement, hits)
    groups = arrangement.groups.leader
    row_of = {hit.id: row for row, hit in enumerate(hits)}
    for rule, pin in pins_of(rules):
        if pin.id is None:
            continue
        row = row_of.get(pin.id)
        stands = pin.id if row is None else hits[int(groups[row])].id
        place = shown.index(stands) + 1 if stands in shown else None
        reported = told.outcomes[rule] & (BITS[NOT_HONOURED] | BITS[LOST])
        if pin.mode == "hard":
            assert place == pin.position[0] or reported
        else:
            assert (place is not None and place <= pin.places[-1]) or reported


def caps_kept(caps: dict[str, int], first: int, rows: Sequence[int], hits: Sequence[Candidate]) -> bool:
    for name, most in caps.items():
        counted = Counter(plain(hits[row]).get(name) for row in rows[:first] if row >= 0)
        counted.pop(None, None)
        if counted and max(counted.values()) > most:
            return False
    return True


@SHARED
@given(windows(6), st.integers(1, 4), CAPS, st.dictionaries(st.integers(0, 5), st.integers(1, 5), max_size=2))
def test_caps_are_kept_whenever_they_can_be(
    hits: list[Candidate], first: int, caps: dict[str, int], pinned: dict[int, int]
) -> None:
    # Two pins do not ask for one place here: that is another property.
    pins = {row: place for row, place in pinned.items() if row < len(hits) and place <= len(hits)}
    if len(set(pins.values())) < len(pins):
        pins = {}
    then: list[dict[str, Any]] = [{"diversify": {"first": first, "max_per_field": caps}}]
    then += [{"pin": {"id": hits[row].id, "position": place}} for row, place in pins.items()]
    rule = Rule.model_validate({"id": "r", "then": then})
    arrangement, told = made([rule], hits)
    kept = caps_kept(caps, first, arrangement.order, hits)
    at = {place - 1: row for row, place in pins.items()}
    others = [row for row in range(len(hits)) if row not in pins]
    free = [place for place in range(min(first, len(hits))) if place not in at]

    def possible(chosen: Sequence[int]) -> bool:
        standing = {**at, **dict(zip(free, chosen, strict=True))}
        return caps_kept(caps, first, [standing[place] for place in sorted(standing) if place < first], hits)

    can_be = any(map(possible, permutations(others, len(free))))
    assert kept is can_be
    assert bool(told.outcomes["r"] & BITS[NOT_HONOURED]) is not kept


APART = ["brand == 'A'", "brand in ['B', 'C']", "not exists(brand)"]
"""No hit meets two of them."""


@SHARED
@given(
    windows(6),
    st.dictionaries(st.sampled_from(APART), st.tuples(st.integers(1, 4), st.integers(1, 2)), min_size=1),
)
def test_quotas_are_met_whenever_they_can_be(
    hits: list[Candidate], asked: dict[str, tuple[int, int]]
) -> None:
    """As far as there are such hits."""
    quotas = {wanted: (first, min(least, first)) for wanted, (first, least) in asked.items()}
    then = [
        {"diversify": {"first": first, "quotas": [{"filter": wanted, "least": least}]}}
        for wanted, (first, least) in quotas.items()
    ]
    arrangement, told = made([Rule.model_validate({"id": "r", "then": then})], hits)
    there = {wanted: sum(FILTERS[wanted](plain(hit)) for hit in hits) for wanted in quotas}

    def met(order: Sequence[int]) -> bool:
        return all(
            sum(FILTERS[wanted](plain(hits[row])) for row in order[:first]) >= min(least, there[wanted])
            for wanted, (first, least) in quotas.items()
        )

    looked_at = min(max(first for first, _ in quotas.values()), len(hits))
    can_be = any(map(met, permutations(range(len(hits)), looked_at)))
    assert met(arrangement.order) is can_be
    assert can_be or told.outcomes["r"] & BITS[NOT_HONOURED]


@SHARED
@given(windows(), rule_lists(st.one_of(VARYING, DEMOTING, WEIGHING), most=3), st.integers(0, 7), PLACE)
def test_a_soft_pin_does_not_move_its_hit_down(
    hits: list[Candidate], rules: list[Rule], row: int, place: int
) -> None:
    """Where it stands at its place or above without the pin, nothing changes at all."""
    if row >= len(hits):
        return
    pin = {"id": "soft", "then": [{"pin": {"id": hits[row].id, "position": place, "mode": "soft"}}]}
    without, _ = made(rules, hits)
    with_it, _ = made([*rules, Rule.model_validate(pin)], hits)
    if without.order.index(row) < place:
        assert with_it.order == without.order
        assert with_it.scores.tolist() == without.scores.tolist()
    else:
        assert with_it.order.index(row) == place - 1


@SHARED
@given(rule_lists(ANYTHING), windows(), st.sampled_from([1.0, 4.0]))
def test_explaining_changes_nothing_and_its_parts_add_up(
    rules: list[Rule], hits: list[Candidate], clamp: float
) -> None:
    compiled = compile_rules(RuleSet.of(rules))

    def arranged(explain: bool) -> tuple[Arrangement, Telling]:
        window = Window(hits, Columns(hits, NOW), np.array([hit.score for hit in hits], np.float64))
        told = Telling(explain)
        return arrange(compiled.plan(compiled.rules), window, wish=ALL, clamp=clamp, told=told), told

    (plain_one, told), (explained, told_in_full) = arranged(False), arranged(True)
    assert explained.order == plain_one.order
    assert explained.fetched == plain_one.fetched
    assert explained.scores.tobytes() == plain_one.scores.tobytes()
    assert told.outcomes == told_in_full.outcomes
    added = np.array([hit.score for hit in hits]) + sum(values for _, values in explained.parts)
    assert added[explained.order] == pytest.approx(explained.scores, rel=1e-6, abs=1e-6)


@SHARED
@given(rule_lists(ANYTHING), windows(), st.randoms(use_true_random=False))
def test_neither_chance_nor_the_order_of_files_counts(
    rules: list[Rule], hits: list[Candidate], random: Any
) -> None:
    once, told = made(rules, hits)
    mixed = list(rules)
    random.shuffle(mixed)
    again, told_again = made(mixed, [Candidate(h.id, h.rank, h.score, h.index, dict(h.fields)) for h in hits])
    assert once.order == again.order
    assert once.removed == again.removed
    assert once.fetched == again.fetched
    assert once.scores.tobytes() == again.scores.tobytes()
    assert told.outcomes == told_again.outcomes


@SHARED
@given(rule_lists(st.one_of(ANYTHING, HIDING, WEIGHING), most=8), windows(), st.booleans())
def test_actions_worked_out_together_come_to_what_they_come_to_one_by_one(
    rules: list[Rule], hits: list[Candidate], explain: bool
) -> None:
    compiled = compile_rules(RuleSet.of(rules))

    def arranged(kind: type[Attempts]) -> tuple[Arrangement, Telling]:
        window = Window(hits, Columns(hits, NOW), np.array([hit.score for hit in hits], np.float64))
        told = Telling(explain)
        plan = compiled.plan(compiled.rules)
        return arrange(plan, window, wish=ALL, clamp=4.0, told=told, attempts=kind(told)), told

    (together, told), (alone, told_alone) = arranged(Attempts), arranged(OneByOne)
    assert together.order == alone.order
    assert together.removed == alone.removed
    assert together.fetched == alone.fetched
    assert together.scores.tobytes() == alone.scores.tobytes()
    assert told == told_alone
    assert [(label, part.tolist()) for label, part in together.parts] == [
        (label, part.tolist()) for label, part in alone.parts
    ]


HARD_RULES = st.one_of(
    HIDING,
    DEMOTING,
    HARD_PIN.map(lambda pin: {"pin": {**pin, "on_missing": "gap"}}),
    st.tuples(PLACE, CAPS).map(lambda one: {"diversify": {"first": one[0], "max_per_field": one[1]}}),
)


@SHARED
@given(rule_lists(HARD_RULES), windows())
def test_hard_rules_change_nothing_the_second_time(rules: list[Rule], hits: list[Candidate]) -> None:
    """Hide, filter, demote, hard pins by id and caps, applied to the list that they made."""
    once, _ = made(rules, hits)
    shown = [hits[row] for row in once.order]
    again, _ = made(rules, shown, scores=once.scores.tolist())
    assert again.order == list(range(len(shown)))
    assert again.scores.tolist() == once.scores.tolist()


@SHARED
@given(rule_lists(WEIGHING), windows(), st.sampled_from([1.0, 2.0, 4.0, 100.0]))
def test_all_boosts_together_stay_within_the_clamp(
    rules: list[Rule], hits: list[Candidate], clamp: float
) -> None:
    arrangement, _ = made(rules, hits, clamp=clamp)
    scale = Scale(np.array([hit.score for hit in hits]))
    before = scale.scaled(np.array([hit.score for hit in hits]))[arrangement.order]
    after = scale.scaled(arrangement.scores)
    assert (after <= before * clamp * (1 + 1e-9)).all()
    assert (after >= before / clamp * (1 - 1e-9)).all()


def stage_of(rules: Sequence[Rule]) -> LayoutStage:
    compiled = compile_rules(RuleSet.of(rules), "1@test")
    return LayoutStage(lambda: compiled, LayoutMetrics(CollectorRegistry()), Rules(), clock=lambda: NOW)


@SHARED
@given(rule_lists(ANYTHING), windows(), st.integers(1, 9), st.booleans())
def test_pages_concatenate_to_the_window(
    rules: list[Rule], hits: list[Candidate], size: int, known: bool
) -> None:
    stage = stage_of(rules)

    def ids(page: Page, loop: asyncio.Runner) -> list[str]:
        shopper = Shopper(client_id="someone") if known else Shopper()
        search = Search("shoes", hits, Deadline.after(60), shopper=shopper, page=page, layout=ALL)
        begun = stage.begin(search, PROFILE, first_stage(hits))
        if begun is None:
            return [hit.id for hit in hits][page.start : page.start + page.size]
        result = loop.run(begun.apply(search, PROFILE, first_stage(hits), search.deadline))
        assert result.standing.arranged is not None
        shown = [candidate.id for candidate in result.standing.candidates]
        for one in result.standing.arranged.fetched:
            shown.insert(one.place - 1, one.id)
        return shown[page.start : page.start + page.size]

    with asyncio.Runner() as loop:
        whole = ids(Page(0, 1000), loop)
        pages = [ids(Page(start, size), loop) for start in range(0, len(whole) + size, size)]
    assert [one for page in pages for one in page] == whole


@SHARED
@given(windows(), st.booleans())
def test_without_rules_the_standing_stays_the_very_object(hits: list[Candidate], published: bool) -> None:
    nothing = Rule.model_validate({"id": "r", "when": {"segment": "x"}, "then": [{"hide": {"ids": ["a"]}}]})
    stage = stage_of([nothing] if published else [])
    search = Search("shoes", hits, Deadline.after(60), layout=ALL)
    assert stage.begin(search, PROFILE, first_stage(hits)) is None
    if hits:
        silent = Rule.model_validate({"id": "r", "then": [{"metadata": {"a": 1}}]})
        before = first_stage(hits)
        begun = stage_of([silent]).begin(search, PROFILE, before)
        assert begun is not None
        after = asyncio.run(begun.apply(search, PROFILE, before, search.deadline)).standing
        assert after.candidates is before.candidates
        assert after.scores is before.scores
