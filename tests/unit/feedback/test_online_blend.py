"""The online blend learns what clicks say, counts only when proven, and steps back when it drifts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from sidecar.config.online_blend import OnlineBlend as Settings
from sidecar.config.personalization import Examination
from sidecar.domain.event import EventKind
from sidecar.feedback.blend_features import Moment, columns, of_list
from sidecar.feedback.blend_learner import BlendLearner
from sidecar.feedback.blend_metrics import BlendMetrics
from sidecar.feedback.blend_proof import Proof
from sidecar.feedback.blend_snapshots import BlendSnapshots, NoSuchSnapshot, read_blend
from sidecar.feedback.blend_state import KEY, TYPE, BlendState, UnreadableBlend
from sidecar.feedback.online_blend import OnlineBlend
from sidecar.profiles.change import change_many
from sidecar.profiles.marks import unpack
from sidecar.profiles.memory_store import MemoryStore
from sidecar.served.memory import MemoryServedLog
from sidecar.taste.state import OpenPage
from tests.fixtures.applying import bench, event
from tests.fixtures.served_lists import NOW, key, served_list

SETTINGS = Settings(
    counts="proven", alpha=0.3, least=300, window=2000, margin=0.001, contexts=(), crossed=(), snapshots=3
)
MOMENT = Moment("mobile", NOW, 0.5)


class Shop:
    """Searches whose shoppers click by relevance and, as far as `taste` says, by the feature `ctr`."""

    def __init__(self, taste: float, seed: int = 1) -> None:
        self.taste = taste
        self.draw = np.random.default_rng(seed)
        self.number = 0

    def page(self):
        self.number += 1
        served = served_list(f"q{self.number}", seed=self.number, features=("ctr", "noise"))
        served.residuals[:] = 0
        wanted = -1.0 + 1.0 * served.scores + self.taste * served.features[:, 0]
        seen = np.arange(1, 11.0) ** -0.7
        clicked = self.draw.random(10) < seen / (1 + np.exp(-wanted))
        outcomes = {int(place): EventKind.CLICK for place in clicked.nonzero()[0]}
        return served, OpenPage(served.query, NOW, outcomes=outcomes)


def learn(learner: BlendLearner, shop: Shop, pages: int, first: int = 1) -> None:
    for seq in range(first, first + pages):
        learner.page(seq, *shop.page())


def weight(state: BlendState, name: str) -> float:
    from sidecar.feedback.ftrl import Rate, weights

    learned = weights(state.z, state.n, Rate(SETTINGS.alpha, SETTINGS.beta, SETTINGS.l1, SETTINGS.l2))
    return float(learned[state.names.index(name)])


def test_what_pays_is_learned_and_proven() -> None:
    learner = BlendLearner(SETTINGS, Examination())
    learn(learner, Shop(taste=1.0), 800)
    assert learner.state.proof.proven
    assert weight(learner.state, "ctr") > 0.5
    assert abs(weight(learner.state, "noise")) < 0.2
    assert weight(learner.state, "relevance") > 0.5


def test_nothing_is_learned_where_no_words_were_searched() -> None:
    learner = BlendLearner(SETTINGS, Examination())
    served, page = Shop(taste=1.0).page()
    learner.page(1, replace(served, versions={"browsed": "true"}), page)
    assert len(learner) == 0
    learner.page(2, served, page)
    assert len(learner) == 1


def test_noise_proves_nothing() -> None:
    learner = BlendLearner(SETTINGS, Examination())
    proven = 0
    shop = Shop(taste=0.0)
    for seq in range(1, 1200):
        learner.page(seq, *shop.page())
        proven += learner.state.proof.proven
    assert proven == 0


def test_what_turns_against_it_takes_the_proof_away() -> None:
    learner = BlendLearner(SETTINGS, Examination())
    learn(learner, Shop(taste=1.0), 800)
    assert learner.state.proof.proven
    shop = Shop(taste=-1.5, seed=2)
    pages = 0
    while learner.state.proof.proven:
        learner.page(1000 + pages, *shop.page())
        pages += 1
    assert pages < 60
    assert learner.state.proof.drifts == 1


def test_a_proof_needs_enough_and_more_than_chance() -> None:
    proof = Proof()
    for _ in range(10):
        proof = proof.add(10, 1.0, 2.0, SETTINGS)
    assert not proof.proven
    for _ in range(30):
        proof = proof.add(10, 1.0, 2.0, SETTINGS)
    assert proof.proven


async def test_steps_of_several_sidecars_add_up_and_replays_change_nothing() -> None:
    store = MemoryStore()
    one, two = BlendLearner(SETTINGS, Examination()), BlendLearner(SETTINGS, Examination())
    for learner, writer, seed in ((one, 1, 1), (two, 2, 2), (one, 1, 3)):
        first = 1 if seed < 3 else 101
        learner.begin(10_000)
        await learner.write(store, [])
        learn(learner, Shop(1.0, seed), 100, first)
        changes = learner.take(writer)
        await learner.write(store, changes)
        before = await read_blend(store)
        assert before is not None
        await change_many(store, changes[50:], TYPE)
        again = await read_blend(store)
        assert again is not None
        assert again.pack() == before.pack()
    assert before.proof.pages == 300
    assert weight(before, "ctr") > 0.2


async def test_new_entries_are_one_change() -> None:
    learner = BlendLearner(SETTINGS, Examination())
    learner.begin(10)
    learn(learner, Shop(1.0), 20)
    assert [change.seq for change in learner.take(1)] == [*range(1, 11), 20]


async def learned_store(taste: float = 1.0) -> MemoryStore:
    store = MemoryStore()
    learner = BlendLearner(SETTINGS, Examination())
    learn(learner, Shop(taste), 800)
    await learner.write(store, learner.take(1))
    return store


def reader(store: MemoryStore, settings: Settings = SETTINGS) -> OnlineBlend:
    return OnlineBlend(store, settings, BlendMetrics(CollectorRegistry()))


async def test_searches_are_adjusted_where_it_counts() -> None:
    blend = reader(await learned_store())
    served = served_list(features=("ctr", "noise"))
    ask = (served.scores, served.features, served.feature_names, MOMENT)
    assert blend.adjustment(*ask) is None
    await blend.refresh()
    assert blend.counts
    assert blend.version.startswith("online@")
    found = blend.adjustment(*ask)
    assert found is not None
    assert np.corrcoef(found.values, served.features[:, 0])[0, 1] > 0.8
    bounded = np.abs(found.parts.sum(axis=1)) < np.abs(found.values).max() - 1e-9
    np.testing.assert_allclose(found.values[bounded], found.parts.sum(axis=1)[bounded])
    assert np.isfinite(found.values).all()


async def test_it_never_counts_where_it_must_not() -> None:
    blend = reader(await learned_store(), SETTINGS.model_copy(update={"counts": "never"}))
    await blend.refresh()
    assert blend.state is not None
    assert blend.state.proof.proven
    assert not blend.counts
    assert blend.version == ""


async def test_a_snapshot_is_gone_back_to() -> None:
    store = await learned_store()
    times = iter([1000.0, 2000.0, 3000.0, 4000.0, 5000.0])
    snapshots = BlendSnapshots(store, keep=3, clock=lambda: next(times))
    for _ in range(4):
        taken = await snapshots.take()
    assert taken is not None
    assert [one.name for one in await snapshots.all()] == ["2000", "3000", "4000"]
    good = await read_blend(store)
    bad = BlendLearner(SETTINGS, Examination())
    bad.begin(0)
    await bad.write(store, [])
    learn(bad, Shop(-2.0, 3), 200, first=2000)
    await bad.write(store, bad.take(1))
    assert (await read_blend(store)).pack() != good.pack()
    (marked,) = await store.get([KEY])
    await snapshots.restore("4000")
    assert (await read_blend(store)).pack() == good.pack()
    (stored,) = await store.get([KEY])
    assert unpack(stored.value, TYPE).marks == unpack(marked.value, TYPE).marks
    with pytest.raises(NoSuchSnapshot, match="1000"):
        await snapshots.restore("1000")


async def test_nothing_learned_gives_no_snapshot() -> None:
    assert await BlendSnapshots(MemoryStore(), 3).take() is None


def test_contexts_have_weights_of_their_own() -> None:
    settings = Settings(contexts=("device", "daypart", "specificity"), crossed=("relevance", "ctr"))
    served = served_list(features=("ctr", "noise"))
    table = columns(served.scores, served.features, served.feature_names, MOMENT, settings)
    assert table.names[:4] == ("bias", "relevance", "ctr", "noise")
    assert set(table.names[4:]) == {
        f"{name}|{context}"
        for name in ("relevance", "ctr")
        for context in ("device=mobile", "daypart=morning", "specificity=middle")
    }
    np.testing.assert_array_equal(table.values[:, 4], served.scores)


def test_locale_and_channel_are_contexts_too() -> None:
    settings = Settings(contexts=("locale", "channel"))
    served = served_list(features=(), locale="de_AT", channel="App")
    assert of_list(served, 3, settings).names[2:] == ("relevance|locale=de-at", "relevance|channel=app")
    untold = of_list(served_list(features=()), 3, settings)
    assert untold.names[2:] == ("relevance|locale=unknown", "relevance|channel=unknown")


def test_a_state_comes_back_and_damage_is_found() -> None:
    learner = BlendLearner(SETTINGS, Examination())
    learn(learner, Shop(1.0), 30)
    packed = learner.state.pack()
    assert BlendState.unpack(packed).pack() == packed
    for broken in (b"", packed[:-1], packed + b"0", b"\xff" * 50):
        with pytest.raises(UnreadableBlend):
            BlendState.unpack(broken)


def test_features_that_come_later_find_their_place() -> None:
    learner = BlendLearner(SETTINGS, Examination())
    served, page = Shop(1.0).page()
    learner.page(1, served, page)
    learner.page(2, replace(served, features=served.features[:, ::-1], feature_names=["noise", "new"]), page)
    assert learner.state.names == ["bias", "relevance", "ctr", "noise", "new"]


async def test_the_applier_teaches_it_once(tmp_path: Path) -> None:
    store, log = MemoryStore(), MemoryServedLog(10_000_000)
    for _ in range(3):
        async with bench(tmp_path, store=store, log=log, blend=SETTINGS) as found:
            for number in range(6):
                found.served.add(served_list(f"q{number}", f"s{number}", time=NOW + 500 * number))
                if not found.journal.last > number:
                    await found.settle(event(f"q{number}", f"s{number}", time=NOW + 500 * number))
            await found.applier.settle()
    state = await read_blend(store)
    assert state is not None
    assert state.proof.pages == 5
    assert key("s0")
