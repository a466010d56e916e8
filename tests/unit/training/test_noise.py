"""What is done to queries is drawn, but the same for the same seed."""

from random import Random

import pytest

from sidecar.training.sources.noise import Noise, mistyped, noisy, toggled

WORDS = ["murphy", "beds", "queen", "with", "mattress"]


def test_the_same_seed_makes_the_same_noise() -> None:
    made = [[noisy(Random(seed), WORDS, Noise()) for seed in range(50)] for _ in range(2)]
    assert made[0] == made[1]
    assert len({tuple(words) for words in made[0]}) > 5


@pytest.mark.parametrize("seed", range(30))
def test_a_query_never_becomes_empty(seed: int) -> None:
    assert noisy(Random(seed), WORDS, Noise(dropped=1.0))


def test_without_noise_nothing_changes() -> None:
    assert noisy(Random(0), WORDS, Noise(0, 0, 0, 0)) == WORDS


def test_each_kind_of_noise() -> None:
    assert len(noisy(Random(1), WORDS, Noise(0.5, 0, 0, 0))) < len(WORDS)
    swapped = noisy(Random(1), WORDS, Noise(0, 1, 0, 0))
    assert sorted(swapped) == sorted(WORDS) != swapped
    assert noisy(Random(1), ["bed", "queens"], Noise(0, 0, 0, 1)) == ["beds", "queen"]
    assert sum(a != b for a, b in zip(noisy(Random(1), WORDS, Noise(0, 0, 1, 0)), WORDS, strict=True)) == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_slip_is_small(seed: int) -> None:
    slip = mistyped(Random(seed), "mattress")
    assert slip[0] == "m"
    assert abs(len(slip) - len("mattress")) <= 1
    assert mistyped(Random(seed), "床垫床垫床") == "床垫床垫床"


def test_what_has_no_plural_stays() -> None:
    assert [toggled(word) for word in ("shoe", "shoes", "3.2mm", "床垫")] == [
        "shoes",
        "shoe",
        "3.2mm",
        "床垫",
    ]
