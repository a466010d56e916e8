"""The two tests of significance, against what is known of them."""

import itertools

import numpy as np
import pytest

from sidecar.evaluation.comparison import RESAMPLES, bootstrap, compare, randomization


def test_randomization_agrees_with_all_signs_tried() -> None:
    differences = np.array([0.4, 0.1, 0.3, -0.1, 0.2, 0.25, -0.05, 0.15, 0.3, 0.1])
    signs = np.array(list(itertools.product((1, -1), repeat=len(differences))))
    exact = np.mean(np.abs(signs @ differences) >= differences.sum() - 1e-12)
    assert randomization(differences) == pytest.approx(exact, abs=0.005)


def test_no_difference_is_no_evidence_to_either() -> None:
    values = np.linspace(0, 1, 40)
    found = compare("new", "old", "ndcg@10", values, values)
    assert (found.p, found.p_randomization, found.wins, found.losses, found.ties) == (1, 1, 0, 0, 40)


def test_a_constant_difference_is_certain_to_both_but_never_impossible() -> None:
    found = compare("new", "old", "ndcg@10", np.full(40, 0.6), np.full(40, 0.5))
    assert found.p_randomization == pytest.approx(1 / (RESAMPLES + 1))
    assert (found.wins, found.losses, found.ties) == (40, 0, 0)


def test_randomization_is_two_sided_and_seeded() -> None:
    differences = np.random.default_rng(1).normal(0.04, 0.2, 80)
    assert randomization(differences, seed=3) == randomization(differences, seed=3)
    assert randomization(-differences, seed=3) == randomization(differences, seed=3)


def test_both_say_about_the_same_of_noise() -> None:
    differences = np.random.default_rng(5).normal(0.03, 0.15, 90)
    _, p = bootstrap(differences)
    assert randomization(differences) == pytest.approx(p, abs=0.02)


def test_arithmetic_makes_no_winner() -> None:
    found = compare("new", "old", "m", np.array([0.1 + 0.2, 0.5, 0.4]), np.array([0.3, 0.4, 0.5]))
    assert (found.wins, found.losses, found.ties) == (1, 1, 1)
