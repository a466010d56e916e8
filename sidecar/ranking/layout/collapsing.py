"""Collapse: of the hits that share a value one is shown, in the place of the best of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.telling import ACTED, LOST, Telling
from sidecar.ranking.layout.window import BoolArray, IndexArray, Window
from sidecar.rules.expression.compiled import CompiledNumber


@dataclass(frozen=True, slots=True)
class Collapsing:
    """By the first value of `field`. `value` None: the best stays; else the lowest, or the `highest`."""

    field: str
    value: CompiledNumber | None = None
    highest: bool = False


@dataclass(slots=True)
class Groups:
    """`order` holds the rows that stay, best first; `leader` intp [n] who is shown for each row (itself).

    `folded_by` tells which action put a row behind its leader.
    """

    order: IndexArray
    leader: IndexArray
    folded_by: dict[int, Act[Collapsing]]


def collapsed(
    acts: Sequence[Act[Collapsing]],
    order: IndexArray,
    last: BoolArray | None,
    window: Window,
    attempts: Attempts,
    told: Telling,
) -> Groups:
    """`order` are the rows to show, best first; of `last` bool [n], what cannot be bought, nobody leads those
    who can. The strongest rule for a field counts; rules for other fields work on what is left."""
    groups = Groups(order, np.arange(window.count, dtype=np.intp), {})
    settled: dict[str, Act[Collapsing]] = {}
    for act in acts:
        before = settled.get(act.work.field)
        if before is not None:
            told.came_to(act, LOST, f"rule {before.rule} collapses by `{act.work.field}` already")
            continue
        found = attempts.of(act, _leaders, act.work, groups.order, last, window)
        if found is None:
            continue
        settled[act.work.field] = act
        stays, led = found
        if not led:
            continue
        groups.order = stays
        shown_by = np.arange(window.count, dtype=np.intp)
        shown_by[list(led)] = list(led.values())
        groups.leader = shown_by[groups.leader]  # whoever was shown for others hands them on
        groups.folded_by.update(dict.fromkeys(led, act))
        told.came_to(act, ACTED, f"{len(led)} hits are shown by others" if told.explain else "")
        if told.explain:
            for row, leader in led.items():
                told.touch(row, act, ACTED, "is shown by another one of its group")
                told.touch(leader, act, ACTED, "stands for its group")
    return groups


def _leaders(
    work: Collapsing, order: IndexArray, last: BoolArray | None, window: Window
) -> tuple[IndexArray, dict[int, int]]:
    """The rows that stay, and who is shown for each of the others."""
    codes = window.columns.value_codes(work.field)[order, 0]
    shared = np.bincount(codes + 1, minlength=1) > 1
    shared[0] = False  # hits without a value
    places = np.flatnonzero(shared[codes + 1])
    if not len(places):
        return order, {}
    members: dict[int, list[int]] = {}
    for place, code in zip(places.tolist(), codes[places].tolist(), strict=True):
        members.setdefault(code, []).append(place)
    rows = order.tolist()
    gone: set[int] = set()
    led: dict[int, int] = {}
    for group in members.values():
        group_rows = [rows[place] for place in group]
        leader = _representative(work, group_rows, last, window)
        rows[group[0]] = leader
        gone.update(group[1:])
        for row in group_rows:
            if row != leader:
                led[row] = leader
    return np.array([row for place, row in enumerate(rows) if place not in gone], np.intp), led


def _representative(work: Collapsing, rows: list[int], last: BoolArray | None, window: Window) -> int:
    """`rows` are best first; equals, and rows without a value, are settled by that."""
    if last is not None:
        rows = [row for row in rows if not last[row]] or rows
    if work.value is None:
        return rows[0]
    values = window.numbers(work.value)[rows]
    if np.isnan(values).all():
        return rows[0]
    return rows[int(np.nanargmax(values) if work.highest else np.nanargmin(values))]
