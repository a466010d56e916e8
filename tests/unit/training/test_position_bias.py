"""Raw clicks tell where products stood; the model tells what they are worth."""

from collections import Counter

import numpy as np
import pytest

from sidecar.training.position_bias import Impression, fit_position_bias

EXAMINATION = np.array([1.0, 0.6, 0.35, 0.2, 0.12, 0.08])
WORTH = {"good": 0.7, "fair": 0.4, "poor": 0.15, "a": 0.3, "b": 0.3, "c": 0.3}


@pytest.fixture(scope="module")
def log() -> list[Impression]:
    """Two thousand answers of a shop that usually shows the poor product first and the good one last."""
    random = np.random.default_rng(5)
    usual = ["poor", "a", "fair", "b", "c", "good"]
    impressions = []
    for _ in range(2000):
        shown = usual if random.random() < 0.8 else list(random.permutation(usual))
        clicked = random.random(6) < EXAMINATION * [WORTH[product] for product in shown]
        impressions += [
            Impression("q", str(product), place, bool(clicked[place])) for place, product in enumerate(shown)
        ]
    return impressions


def test_raw_clicks_get_the_order_wrong_and_the_model_right(log: list[Impression]) -> None:
    clicks = Counter(one.product for one in log if one.clicked)
    assert clicks["poor"] > clicks["good"]
    found = {one.product: one.attraction for one in fit_position_bias(log).by_query()["q"]}
    assert found["good"] > found["fair"] > found["a"] > found["poor"]
    assert found["good"] / found["poor"] == pytest.approx(0.7 / 0.15, rel=0.35)


def test_examination_is_recovered(log: list[Impression]) -> None:
    np.testing.assert_allclose(fit_position_bias(log).examination, EXAMINATION, atol=0.08)


def test_two_lucky_clicks_do_not_beat_a_proven_product() -> None:
    proven = [Impression("q", "proven", 0, n % 2 == 0) for n in range(200)]
    lucky = [Impression("q", "lucky", 0, True) for _ in range(2)]
    found = {one.product: one for one in fit_position_bias([*proven, *lucky]).by_query()["q"]}
    assert found["lucky"].attraction < found["proven"].attraction
    assert (found["lucky"].clicks, found["proven"].clicks) == (2, 100)
