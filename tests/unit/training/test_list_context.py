"""The teacher that looks at the list as a whole."""

import numpy as np
import pytest

from sidecar.training.list_context import Feedback, standardised
from sidecar.training.lists import UNKNOWN, TrainingList
from tests.fixtures.training import catalogue_of

TITLES = [
    "queen murphy bed",
    "murphy bed queen size",
    "murphy wall bed queen",
    "cabinet bed",
    "murphy soap queen",
]


def vectors() -> np.ndarray:
    """Beds point one way, soap another; the cabinet bed is told by its vector only."""
    found = np.array([[1, 0.1, 0], [1, 0, 0.1], [1, 0.1, 0.1], [1, 0, 0], [0, 0, 1]], np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_what_is_like_the_agreed_best_is_better_than_what_shares_words() -> None:
    catalogue = catalogue_of(*({"title": title} for title in TITLES))
    query = np.array([0.8, 0, 0.6], np.float32)
    asked = TrainingList("queen murphy", ("p4", "p3"), (0.0, UNKNOWN), "test")
    soap, cabinet = Feedback(catalogue, vectors()).scores(asked, query)
    assert catalogue.bm25.scores("queen murphy")[4] > catalogue.bm25.scores("queen murphy")[3]
    assert cabinet > soap


def test_standardised_values_have_mean_0_and_deviation_1() -> None:
    found = standardised(np.array([1, 2, 3], np.float32))
    assert (found.mean(), found.std()) == (pytest.approx(0), pytest.approx(1))
    assert standardised(np.ones(3, np.float32)).tolist() == [0, 0, 0]
