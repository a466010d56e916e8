"""nDCG of one list, against ir-measures' own."""

import numpy as np
import pytest

from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.measures import measure
from sidecar.evaluation.ndcg import ndcg
from sidecar.training.ndcg import ndcg as by_scores

LABELS = "ESCI"
GAINS = {"E": 1.0, "S": 0.1, "C": 0.01, "I": 0.0}


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_ir_measures_says(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = {f"p{number}": LABELS[random.integers(4)] for number in range(40)}
    ranking = random.permutation([*labels, "unjudged"])[:25].tolist()
    found = np.array([GAINS[labels[one]] if one in labels else 0.0 for one in ranking])
    ideal = np.sort([GAINS[label] for label in labels.values()])[::-1]
    expected = measure([JudgedQuery(1, "q", labels)], [ranking])
    for at in (5, 10):
        assert ndcg(found, ideal, at) == pytest.approx(expected[f"ndcg@{at}"][0])


def test_nothing_found_and_nothing_to_find() -> None:
    assert ndcg(np.zeros(3), np.zeros(3)) == ndcg(np.zeros(0), np.zeros(0)) == 0
    assert ndcg(np.zeros(0), np.ones(2)) == 0


def test_scores_order_a_list_and_equal_ones_put_the_last_first() -> None:
    assert by_scores([0.0, 1.0], [0.1, 0.9]) == 1
    assert by_scores([1.0, 0.0], [0.5, 0.5]) == pytest.approx(1 / np.log2(3))
    assert by_scores([1.0, float("nan")], [1.0, 2.0]) == pytest.approx(1 / np.log2(3)), "unknown counts 0"
