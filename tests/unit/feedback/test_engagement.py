"""Figures of engagement: what counts, once, and how rates are drawn to their priors."""

import math
import random
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.config.engagement import Engagement, Prior
from sidecar.domain.event import EventKind
from sidecar.feedback.engagement import (
    CARTS,
    CLICKS,
    DWELL,
    IMPRESSIONS,
    PURCHASES,
    RETURNS,
    VISITS,
    half_lives,
)
from sidecar.feedback.engagement_keys import SHOP, TEXT_KEY, item_key, pair_key, record_type, trait_key
from sidecar.feedback.figures import WIDTH, Figures
from sidecar.feedback.rates import FEATURES, features
from sidecar.profiles.marks import unpack
from sidecar.profiles.memory_store import MemoryStore
from sidecar.served.memory import MemoryServedLog
from tests.fixtures.applying import Bench, bench, event
from tests.fixtures.served_lists import NOW, served_list

SETTINGS = Engagement(flush_ms=20, page_close_seconds=60)


async def figures(found: Bench, key: bytes) -> np.ndarray:
    (stored,) = await found.store.get([key])
    if stored is None:
        return np.zeros(WIDTH)
    return np.array(Figures.unpack(unpack(stored.value, record_type(SETTINGS.keep_days)).payload).long)


async def test_what_is_done_with_a_hit_counts_for_all_it_is(tmp_path: Path) -> None:
    served = served_list(attributes=("brand", "color"), page=(0, 10))
    async with bench(tmp_path, engagement=SETTINGS) as found:
        found.served.add(served)
        await found.settle(
            event(object_id="p1", dwell=9.0, client=""),
            event(object_id="p1", kind=EventKind.ADD_TO_CART),
            event(object_id="p1", kind=EventKind.PURCHASE),
        )
        for key in (item_key("p1"), SHOP, trait_key(int(served.traits.keys[1, 0]))):
            counted = await figures(found, key)
            assert counted[[CLICKS, CARTS, PURCHASES, VISITS]] == pytest.approx(1)
            assert counted[DWELL] == pytest.approx(math.log(10))
            assert counted[IMPRESSIONS] == 0
        assert not (await figures(found, trait_key(int(served.traits.keys[1, 1])))).any()


async def test_impressions_count_when_the_page_closes_by_their_examination(tmp_path: Path) -> None:
    async with bench(tmp_path, engagement=SETTINGS) as found:
        found.served.add(served_list(hits=30, page=(0, 10)))
        found.served.add(served_list("later", "bert"))
        await found.settle(event(object_id="p0"))
        assert (await figures(found, SHOP))[IMPRESSIONS] == 0
        await found.settle(event("later", "bert", time=NOW + 200))
        shown = [(await figures(found, item_key(f"p{place}")))[IMPRESSIONS] for place in range(12)]
        assert shown[0] == pytest.approx(1.0)
        assert shown[10:] == [0, 0]
        assert all(1 >= above > below > 0 for above, below in pairwise(shown[1:10]))


async def test_a_second_click_on_the_same_hit_is_no_second_success(tmp_path: Path) -> None:
    async with bench(tmp_path, engagement=SETTINGS) as found:
        found.served.add(served_list())
        await found.settle(event(), event(), event(time=NOW + 7))
        assert (await figures(found, item_key("p1")))[CLICKS] == pytest.approx(1)


async def test_who_clicks_the_next_hit_at_once_has_come_back_from_the_last(tmp_path: Path) -> None:
    async with bench(tmp_path, engagement=SETTINGS) as found:
        found.served.add(served_list())
        await found.settle(
            event(object_id="p1", time=NOW),
            event(object_id="p2", time=NOW + 5),  # back from p1
            event(object_id="p3", time=NOW + 60),  # stayed with p2
            event(object_id="p3", kind=EventKind.ADD_TO_CART, time=NOW + 62),
            event(object_id="p4", time=NOW + 64),  # p3 is in the cart
            event(object_id="p1", time=NOW + 70),  # back from p4
            event(object_id="p2", time=NOW + 75),  # from p1 again, which counts once
        )
        counted = [(await figures(found, item_key(f"p{number}")))[RETURNS] for number in range(1, 5)]
        assert counted == pytest.approx([1, 0, 0, 1], rel=1e-4)
        assert (await figures(found, SHOP))[RETURNS] == pytest.approx(2, rel=1e-4)


def test_figures_of_before_returns_were_counted_are_read() -> None:
    old = struct.pack("<d12f", NOW, *range(1, 13))
    found = Figures.unpack(old)
    assert found.short == [1, 2, 3, 4, 5, 6, 0]
    assert found.long == [7, 8, 9, 10, 11, 12, 0]
    assert Figures.unpack(found.pack()) == found


async def test_replays_count_nothing_twice(tmp_path: Path) -> None:
    store, log = MemoryStore(), MemoryServedLog(10_000_000)
    async with bench(tmp_path, store=store, log=log, engagement=SETTINGS) as found:
        for number in range(5):
            found.served.add(served_list(f"q{number}", time=NOW + 100 * number))
            await found.settle(event(f"q{number}", time=NOW + 100 * number))
        before = await figures(found, SHOP)
    assert before[CLICKS] == pytest.approx(5, rel=1e-4)
    assert before[IMPRESSIONS] > 4 * 4
    for _ in range(3):
        async with bench(tmp_path, store=store, log=log, engagement=SETTINGS) as again:
            await again.applier.settle()
            np.testing.assert_array_equal(await figures(again, SHOP), before)


async def test_a_crash_between_writes_counts_everything_once(tmp_path: Path) -> None:
    store, log = MemoryStore(), MemoryServedLog(10_000_000)
    for number in range(6):
        async with bench(tmp_path, store=store, log=log, engagement=SETTINGS) as found:
            served = served_list(f"q{number}", time=NOW + 100 * number)
            found.served.add(served)
            await found.served.flush()
            await found.accept(event(f"q{number}", time=NOW + 100 * number))
            await found.applier.rewind("start")
            await found.applier.step()
            if number % 2:
                await found.applier._drop_checkpoint()
            else:
                _, collected = found.applier._collect()  # and then the light goes out
                await found.applier._shared.write(store, collected, found.journal.writer)
    async with bench(tmp_path, store=store, log=log, engagement=SETTINGS) as found:
        await found.applier.settle()
        assert (await figures(found, SHOP))[CLICKS] == pytest.approx(6, rel=1e-4)


async def test_figures_for_a_query_are_kept_for_what_was_clicked(tmp_path: Path) -> None:
    from dataclasses import replace

    async with bench(tmp_path, engagement=SETTINGS) as found:
        found.served.add(replace(served_list(), versions={TEXT_KEY: "00ff"}))
        found.served.add(served_list("later", "bert"))
        await found.settle(event(object_id="p1"), event("later", "bert", time=NOW + 200))
        clicked = await figures(found, pair_key("00ff", "p1"))
        assert clicked[CLICKS] == pytest.approx(1)
        assert clicked[IMPRESSIONS] == pytest.approx(1)  # a click proves that it was seen
        assert not (await figures(found, pair_key("00ff", "p2"))).any()


async def test_searches_read_figures_without_waiting(tmp_path: Path) -> None:
    served = served_list()
    async with bench(tmp_path, engagement=SETTINGS) as found:
        read = found.feedback.figures
        assert not read.columns(served.ids, served.traits).any()
        found.served.add(served)
        await found.settle(event(object_id="p1"))
        await read.refresh()
        columns = read.columns(served.ids, served.traits)
        assert columns.shape == (10, len(FEATURES))
        ctr = dict(zip(served.ids, columns[:, FEATURES.index("ctr")].tolist(), strict=True))
        assert ctr["p1"] > max(value for one, value in ctr.items() if one != "p1")


def sums(**counted: float):
    row = np.zeros(WIDTH)
    for name, value in counted.items():
        row[{"seen": IMPRESSIONS, "clicks": CLICKS, "carts": CARTS, "bought": PURCHASES}[name]] = value
    return row.tolist(), row.tolist()


SHOP_SUMS = sums(seen=10_000, clicks=1_000, carts=200, bought=50)


def told(item, *traits) -> dict[str, float]:
    return dict(zip(FEATURES, features(item, traits, SHOP_SUMS, None, Prior()), strict=True))


def test_nothing_known_says_nothing() -> None:
    assert all(value == pytest.approx(0) for value in told(sums()).values())


def test_few_clicks_say_little_and_many_say_much() -> None:
    few, many = told(sums(seen=2, clicks=1)), told(sums(seen=2000, clicks=1000))
    assert 0 < few["ctr"] < 0.5 * many["ctr"]


def test_a_new_item_borrows_from_its_brand() -> None:
    loved = sums(seen=500, clicks=200)
    assert told(sums(), loved)["ctr"] > 0.5 * told(loved, loved)["ctr"] > 0


def test_of_two_rates_the_better_one_wins() -> None:
    good, bad = sums(seen=100, clicks=30, carts=20, bought=9), sums(seen=100, clicks=30, carts=1)
    assert told(good)["cart_rate"] > 0 > told(bad)["cart_rate"]
    assert told(good)["conversion"] > told(bad)["conversion"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1e7), st.floats(0, 5), st.integers(0, WIDTH - 1)), min_size=1, max_size=20
    ),
    st.integers(0, 1000),
)
def test_the_order_of_news_does_not_matter(news, seed) -> None:
    lives = half_lives(SETTINGS)

    def added(order) -> Figures:
        result = Figures.empty()
        for time, amount, column in order:
            amounts = np.zeros(WIDTH)
            amounts[column] = amount
            result.add(amounts, NOW + time, lives)
        return result

    shuffled = list(news)
    random.Random(seed).shuffle(shuffled)
    np.testing.assert_allclose(added(news).long, added(shuffled).long, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(added(news).short, added(shuffled).short, rtol=1e-9, atol=1e-9)


def test_a_figure_is_worth_half_after_its_half_life() -> None:
    lives = half_lives(SETTINGS)
    found = Figures.empty()
    found.add(np.ones(WIDTH), NOW, lives)
    np.testing.assert_allclose(found.at(NOW + lives[0], lives)[0], 0.5)
    np.testing.assert_allclose(found.at(NOW + lives[1], lives)[1], 0.5)
    assert Figures.unpack(found.pack()) == found
