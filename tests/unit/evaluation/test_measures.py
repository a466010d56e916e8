"""The measures, against examples worked out by hand."""

from math import log2

import numpy as np
import pytest

from sidecar.evaluation.comparison import RESAMPLES, compare
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.measures import measure

LABELS = {"e1": "E", "e2": "E", "s": "S", "c": "C", "i": "I"}
QUERY = JudgedQuery(1, "q", LABELS)


def of(ranking: list[str], metric: str) -> float:
    return float(measure([QUERY], [ranking])[metric][0])


def test_ndcg_has_escis_gains() -> None:
    # Found: S at 1, something unjudged at 2, E at 3, C at 4. Best: E, E, S, C.
    gained = 0.1 / log2(2) + 0 / log2(3) + 1 / log2(4) + 0.01 / log2(5)
    best = 1 / log2(2) + 1 / log2(3) + 0.1 / log2(4) + 0.01 / log2(5)
    assert of(["s", "unjudged", "e1", "c"], "ndcg@10") == pytest.approx(gained / best)


def test_the_best_order_has_one_and_nothing_has_zero() -> None:
    assert of(["e2", "e1", "s", "c", "i"], "ndcg@10") == pytest.approx(1)
    assert of(["i", "x"], "ndcg@10") == 0
    assert of([], "ndcg@10") == 0


def test_ndcg_at_five_looks_at_five() -> None:
    assert of([*(f"x{n}" for n in range(4)), "e1"], "ndcg@5") > 0
    assert of([*(f"x{n}" for n in range(5)), "e1"], "ndcg@5") == 0


def test_binary_ndcg_counts_exact_products_alone() -> None:
    gained = 1 / log2(3) + 1 / log2(5)
    best = 1 / log2(2) + 1 / log2(3)
    assert of(["s", "e1", "c", "e2"], "ndcg@10/binary") == pytest.approx(gained / best)
    assert of(["s", "c"], "ndcg@10/binary") == 0 < of(["s", "c"], "ndcg@10")


def test_what_is_not_judged_counts_nothing_but_takes_its_place() -> None:
    assert of(["x", "e1"], "ndcg@10") == pytest.approx(of(["i", "e1"], "ndcg@10"))
    assert of(["x", "e1"], "ndcg@10") < of(["e1", "x"], "ndcg@10")


def test_ndcg_looks_at_ten() -> None:
    assert of([*(f"x{n}" for n in range(9)), "e1"], "ndcg@10") > 0
    assert of([*(f"x{n}" for n in range(10)), "e1"], "ndcg@10") == 0


def test_the_first_exact_product_decides_mrr() -> None:
    assert of(["s", "c", "e2", "e1"], "mrr@10") == pytest.approx(1 / 3)
    assert of([*(f"x{n}" for n in range(10)), "e1"], "mrr@10") == 0


def test_recall_is_of_exact_products_among_a_hundred() -> None:
    assert of([*(f"x{n}" for n in range(99)), "e1", "e2"], "recall@100") == pytest.approx(0.5)


def test_ties_and_ids_do_not_change_the_order() -> None:
    """trec_eval breaks ties of score by id; the order given is the order measured."""
    labels = {"z": "E", "a": "I"}
    query = JudgedQuery(1, "q", labels)
    assert measure([query], [["z", "a"]])["mrr@10"][0] == 1
    assert measure([query], [["a", "z"]])["mrr@10"][0] == pytest.approx(0.5)


def test_values_stand_in_the_queries_order() -> None:
    queries = [JudgedQuery(n, f"q{n}", {"a": "E"}) for n in range(12)]
    rankings = [["a"] if n % 2 else ["b", "a"] for n in range(12)]
    assert list(measure(queries, rankings)["mrr@10"]) == [1.0 if n % 2 else 0.5 for n in range(12)]


def test_a_query_without_results_counts_zero() -> None:
    values = measure([QUERY, JudgedQuery(2, "r", {"a": "E"})], [["e1"], []])
    assert list(values["mrr@10"]) == [1, 0]


def test_a_hit_that_comes_twice_counts_once() -> None:
    assert of(["e1", "e1", "e2"], "ndcg@10") == pytest.approx(of(["e1", "e2"], "ndcg@10"))


def test_a_constant_difference_is_certain() -> None:
    found = compare("new", "old", "ndcg@10", np.full(40, 0.6), np.full(40, 0.5))
    assert found.delta == pytest.approx(0.1)
    assert found.ci95 == pytest.approx((0.1, 0.1))
    assert found.p == pytest.approx(2 / (RESAMPLES + 1))


def test_no_difference_is_no_evidence() -> None:
    values = np.linspace(0, 1, 40)
    found = compare("new", "old", "ndcg@10", values, values)
    assert (found.delta, found.ci95, found.p) == (0, (0, 0), 1)


def test_the_interval_is_that_of_the_mean() -> None:
    differences = np.random.default_rng(7).normal(0.05, 0.2, 200)
    found = compare("new", "old", "ndcg@10", differences, np.zeros(200))
    error = differences.std(ddof=1) / np.sqrt(200)
    low, high = found.ci95
    assert low == pytest.approx(found.delta - 1.96 * error, abs=0.003)
    assert high == pytest.approx(found.delta + 1.96 * error, abs=0.003)


def test_the_bootstrap_is_seeded_and_paired() -> None:
    generator = np.random.default_rng(1)
    base = generator.uniform(0, 1, 60)
    better = base + 0.02
    first, again = (compare("a", "b", "m", better, base, seed=5) for _ in range(2))
    assert first == again
    # Unpaired, 0.02 would drown in the spread of the queries.
    assert first.ci95[0] > 0
    backwards = compare("a", "b", "m", base, better, seed=5)
    assert backwards.delta == pytest.approx(-first.delta)
    assert backwards.p == pytest.approx(first.p)
