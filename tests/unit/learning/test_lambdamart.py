"""Trees over the same features: they learn what there is to learn, from queries not held out."""

from collections.abc import Sequence

import numpy as np
import pytest

from sidecar.domain.features import Feature
from sidecar.learning import lambdamart
from sidecar.learning.blend_fit import Recipe
from sidecar.learning.example import Example
from sidecar.learning.lambdamart import NAME, SUM, Forest, compared, fit_forest
from tests.unit.learning.made import NOISE, USEFUL, examples

pytest.importorskip("lightgbm", reason="LightGBM comes with reshelf[train]")

FEATURES: tuple[Feature, ...] = (*USEFUL, NOISE)


def ndcg(forest: Forest, made: Sequence[Example]) -> float:
    return float(np.mean([one.ndcg(np.argsort(-forest.scores(one), kind="stable")) for one in made]))


def test_trees_beat_noise_and_one_feature_on_queries_they_have_not_seen() -> None:
    forest = fit_forest(examples(), FEATURES)
    unseen = examples(seed=2)
    noise, one = (
        float(np.mean([found.ndcg(np.argsort(-found.columns[name])) for found in unseen]))
        for name in (NOISE, USEFUL[0])
    )
    assert ndcg(forest, unseen) > one > noise + 0.2


def test_more_of_a_feature_never_lowers_a_hit() -> None:
    forest = fit_forest(examples(20), FEATURES)
    random = np.random.default_rng(0)
    for name in FEATURES:
        columns = {other: np.full(50, random.normal()) for other in FEATURES}
        columns[name] = np.linspace(-3, 3, 50)
        rising = forest.scores(Example("q", columns, np.zeros(50), np.zeros(50), np.zeros(10)))
        assert (np.diff(rising) >= 0).all()


def test_the_same_examples_give_the_same_trees() -> None:
    made, unseen = examples(20), examples(1, seed=5)[0]
    first, again = (fit_forest(made, FEATURES).scores(unseen) for _ in range(2))
    assert first.tolist() == again.tolist()


def test_the_pair_is_the_second_steps() -> None:
    assert fit_forest(examples(20), [*FEATURES, "pair"]).features == list(FEATURES)


def test_no_query_is_judged_by_trees_that_saw_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = examples(12)
    learned: list[set[str]] = []
    judged: dict[str, list[int]] = {one.query: [] for one in made}

    class Recording:
        def __init__(self, seen: Sequence[Example]) -> None:
            learned.append({one.query for one in seen})

        def scores(self, example: Example) -> np.ndarray:
            assert example.query not in learned[-1]
            judged[example.query].append(len(learned))
            return np.zeros(len(example.gains))

    monkeypatch.setattr(lambdamart, "fit_forest", lambda seen, _: Recording(seen))
    found = compared(made, Recipe([*FEATURES, "pair"], 10, 1.0), seeds=2)
    assert all(len(times) == 2 for times in judged.values())
    assert set(found) == {NAME, SUM}
    assert found[SUM].mean() > found[NAME].mean(), "trees that say nothing leave the blend's order"


def test_the_report_says_that_trees_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambdamart, "find_spec", lambda _: None)
    assert not lambdamart.installed()
    assert "reshelf[train]" in lambdamart.MISSING
