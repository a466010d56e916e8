"""One simulated shopper's life under one arm."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from sidecar.domain.event import EventKind, KeyedEvent
from sidecar.evaluation.ndcg import ndcg
from sidecar.simulation.arms import Arm, Memory
from sidecar.simulation.behaviour import PAGE, behave
from sidecar.simulation.latent import Latent
from sidecar.simulation.shelf import Numbers, Shelf
from sidecar.simulation.shoppers import COMMON, Shopper, choose, shopper
from sidecar.taste.click_model import sigmoid
from sidecar.taste.decay import DAY
from sidecar.taste.served_list import ServedList

CHECKPOINTS = (0, 1, 3, 5, 10, 20, 50)
"""After so many interactions (clicked hits, with all that followed) the next searches are measured."""

HELD_OUT = 12
MOST_SEARCHES = 250
SEARCH_AGAIN = 0.7
BETWEEN_SEARCHES = 90.0
BETWEEN_VISITS = 2 * DAY
REMEMBERED_LISTS = 6


@dataclass(frozen=True)
class Town:
    """One population's world: what is searched while learning, and what is measured on."""

    world: Latent
    learned_on: Sequence[Shelf]
    held_out: Sequence[Shelf]


def walk(town: Town, arm: Arm, has_taste: bool, seed: Sequence[int]) -> Numbers:
    """nDCG@10 on true utility at every checkpoint, float64 [checkpoints]. One seed is one shopper."""
    who = shopper(town.world, town.learned_on, has_taste, np.random.default_rng([*seed, 0]))
    measured_on = choose(who, town.held_out, HELD_OUT, np.random.default_rng([*seed, 1]))
    random = np.random.default_rng([*seed, 2])
    memory, now, interactions, serial = arm.meet(), 1_700_000_000.0, 0, 0
    lists: dict[bytes, ServedList] = {}
    found = np.full(len(CHECKPOINTS), np.nan)
    found[0] = measure(who, town, memory, measured_on, now)
    for _ in range(MOST_SEARCHES):
        shelf = choose(who, town.learned_on, 1, random)[0]
        serial += 1
        served, utility = serve(who, town, memory, shelf, now, serial)
        lists[served.query] = served
        if len(lists) > REMEMBERED_LISTS:
            del lists[next(iter(lists))]
        seen = behave(utility, who.mobile, random)
        for number, act in enumerate(seen.acts):
            event = KeyedEvent(
                digest=_key(serial, number + 1),
                kind=act.kind,
                time=now + act.after,
                query=served.query,
                client=b"c" * 16,
                user=b"",
                object_id=served.ids[act.place],
                position=act.place + 1,
            )
            memory.learn(event, lists, event.time)
            if act.kind is not EventKind.CLICK:
                continue  # what follows a click belongs to it
            interactions += 1
            if interactions in CHECKPOINTS:
                place = CHECKPOINTS.index(interactions)
                found[place] = measure(who, town, memory, measured_on, event.time + 5.0)
        if interactions >= CHECKPOINTS[-1]:
            break
        now = max(now, seen.acts[-1].after + now if seen.acts else now) + random.exponential(BETWEEN_SEARCHES)
        if random.random() >= SEARCH_AGAIN:
            now += random.exponential(BETWEEN_VISITS)
            who.drift(random)
    return found


def serve(
    who: Shopper, town: Town, memory: Memory, shelf: Shelf, now: float, serial: int
) -> tuple[ServedList, Numbers]:
    """The list as the arm orders it, and the true utilities in that order."""
    likes = who.likes(town.world, shelf.products)
    relevance, added = memory.scores(shelf, likes, now)
    order = np.argsort(-(relevance + added), kind="stable")
    count = len(order)
    served = ServedList(
        query=_key(serial, 0),
        shopper=b"c" * 16,
        time=now,
        ids=[shelf.ids[place] for place in order.tolist()],
        ranks=(order + 1).astype(np.uint16),
        scores=relevance[order].astype(np.float32),
        residuals=added[order].astype(np.float32),
        propensities=np.ones(count, np.float32),
        traits=shelf.traits.at(order),
        features=np.zeros((count, 0), np.float32),
        feature_names=(),
        page_size=PAGE,
        intent_specificity=shelf.specificity,
    )
    return served, true_utility(shelf, likes)[order]


def true_utility(shelf: Shelf, likes: Numbers) -> Numbers:
    """Logits of a click on each hit that is seen: what it is, what all like, what this shopper likes."""
    return np.asarray(shelf.wanted + shelf.common @ np.array(COMMON) + likes)


def measure(who: Shopper, town: Town, memory: Memory, shelves: Sequence[Shelf], now: float) -> float:
    """The mean nDCG@10 of what the arm would answer now; a hit's gain is its true chance to be clicked."""
    total = 0.0
    for shelf in shelves:
        likes = who.likes(town.world, shelf.products)
        relevance, added = memory.scores(shelf, likes, now)
        gains = sigmoid(true_utility(shelf, likes))
        order = np.argsort(-(relevance + added), kind="stable")
        total += ndcg(gains[order], -np.sort(-gains))
    return total / len(shelves)


def _key(serial: int, number: int) -> bytes:
    return blake2b(f"{serial} {number}".encode(), digest_size=16).digest()
