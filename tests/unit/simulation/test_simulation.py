"""The simulator: repeatable, honest about its arms, and the learner in it is ours."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from sidecar.cli.main import app
from sidecar.config.personalization import ItemVector, Personalization
from sidecar.evaluation.ndcg import ndcg
from sidecar.simulation.behaviour import behave
from sidecar.simulation.goods import shop_goods
from sidecar.simulation.population import populate
from sidecar.simulation.report import rows_of
from sidecar.simulation.run import ALIKE, BOTH, CHECKPOINTS, ORACLE, OURS, RELEVANCE, VECTOR, Plan, simulate
from sidecar.simulation.shoppers import TASTE, shopper


@pytest.fixture(scope="module")
def goods():
    return shop_goods(1, 600)


@pytest.fixture(scope="module")
def simulated(goods):
    said: list[float] = []
    result = simulate(*goods, Personalization(), Plan(1, 6, 3, 300), lambda done, _note: said.append(done))
    assert said == sorted(said)
    assert said[-1] == 1
    return result


def test_strangers_get_the_relevance_order(simulated) -> None:
    for people in (simulated.with_taste, simulated.without):
        for arm in (OURS, ALIKE, VECTOR):
            assert people[arm][:, 0] == people[RELEVANCE][:, 0]


def test_vectors_change_nothing_where_they_are_not_looked_at(goods, simulated) -> None:
    looking = Personalization(item_vector=ItemVector(field="whatever", dimensions=8, precision=2.0))
    again = simulate(*goods, looking, Plan(1, 6, 3, 0), lambda _done, _note: None)
    assert np.array_equal(again.with_taste[OURS], simulated.with_taste[OURS], equal_nan=True)
    assert not np.array_equal(again.with_taste[VECTOR], simulated.with_taste[VECTOR], equal_nan=True)


def test_the_oracle_is_above_all(simulated) -> None:
    oracle = simulated.with_taste[ORACLE]
    for arm, found in simulated.with_taste.items():
        assert np.nanmean(found) <= np.nanmean(oracle), arm


def test_the_oracle_changes_nothing_for_those_without_a_taste(simulated) -> None:
    assert np.allclose(simulated.without[ORACLE], simulated.without[RELEVANCE])


def test_the_same_seed_gives_the_same_figures(goods, simulated) -> None:
    again = simulate(*goods, Personalization(), Plan(1, 6, 3, 300), lambda _done, _note: None)
    assert np.array_equal(again.with_taste[BOTH], simulated.with_taste[BOTH], equal_nan=True)


def test_every_arm_is_told_at_every_checkpoint(simulated) -> None:
    rows = rows_of(simulated)
    assert len(rows) == len(simulated.with_taste) * len(CHECKPOINTS)
    baseline = [row for row in rows if row.arm == RELEVANCE]
    assert all(row.gain.mean == row.harm.mean == 0 for row in baseline)


def test_held_out_queries_are_not_searched_while_learning(goods) -> None:
    town = populate(0, *goods, Personalization(), seed=1).town
    learned = {shelf.asked.text for shelf in town.learned_on}
    assert learned.isdisjoint(shelf.asked.text for shelf in town.held_out)


def test_brands_liked_together_are_told_by_other_shoppers(goods) -> None:
    population = populate(0, *goods, Personalization(), seed=1, related=300)
    assert population.kinship is not None
    assert 0 < population.kinship.shoppers <= 300
    assert populate(0, *goods, Personalization(), seed=1).kinship is None
    assert populate(0, *goods, Personalization(), seed=1, related=2).kinship is None


def test_tastes_have_the_size_that_is_told(goods) -> None:
    town = populate(0, *goods, Personalization(), seed=1).town
    people = [shopper(town.world, town.learned_on, True, np.random.default_rng(n)) for n in range(20)]
    spreads = [
        who.likes(town.world, shelf.products).std() for who in people for shelf in town.learned_on[:20]
    ]
    assert np.mean(spreads) == pytest.approx(TASTE, rel=0.2)
    nobody = shopper(town.world, town.learned_on, False, np.random.default_rng(0))
    assert not nobody.likes(town.world, town.learned_on[0].products).any()


def test_what_stands_higher_is_clicked_more() -> None:
    random = np.random.default_rng(1)
    counts = np.zeros(20)
    for _ in range(3000):
        for act in behave(np.zeros(20), True, random).acts:
            counts[act.place] += act.kind == "click"
    assert counts[0] > counts[4] > counts[9]
    assert counts[10] > counts[19]


def test_ndcg_of_the_best_order_is_1() -> None:
    gains = np.array([0.9, 0.5, 0.1])
    assert ndcg(gains, gains) == pytest.approx(1.0)
    assert ndcg(gains[::-1], gains) < 1.0


def test_the_command_tells_and_draws(tmp_path) -> None:
    plot = tmp_path / "curve.svg"
    few = ["--populations", "2", "--shoppers", "2", "--shop-products", "400", "--related", "0"]
    result = CliRunner().invoke(app, ["simulate", *few, "--json", "-", "--plot", str(plot)])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["simulated"] is True
    assert "imulated" in figures["title"]
    assert {row["arm"] for row in figures["rows"]} >= {RELEVANCE, OURS, ORACLE}
    assert "simulated shoppers" in plot.read_text()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--plot", "curve.gif"], ".svg or .png"),
        (["--products", "products.jsonl"], "belong together"),
        (["--profile", "nowhere"], "no such ranking profile"),
    ],
)
def test_bad_options_are_refused_with_the_fix(options, told) -> None:
    result = CliRunner().invoke(app, ["simulate", *options])
    assert result.exit_code != 0
    assert told in result.output
