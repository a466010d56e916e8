"""What a micro-batch is expected to take, learned from those before it."""

import pytest

from sidecar.inference.batching import RUN_COST
from sidecar.inference.pace import Pace

TOKENS = 384
PER_TOKEN = 1e-4


def paced(*factors: float) -> Pace:
    """After micro-batches that took so many times the usual."""
    pace = Pace()
    for factor in factors:
        pace.took(TOKENS, factor * PER_TOKEN * (TOKENS + RUN_COST))
    return pace


def test_before_any_measurement_everything_fits() -> None:
    assert Pace().tokens(0.001) == float("inf")
    assert Pace().seconds(TOKENS) == 0


def test_a_steady_machine_is_known_well() -> None:
    pace = paced(*[1.0] * 40)
    assert pace.per_token == pytest.approx(PER_TOKEN, rel=0.01)
    assert pace.seconds(TOKENS) == pytest.approx(PER_TOKEN * (TOKENS + RUN_COST), rel=0.01)


def test_small_and_large_batches_are_one_measure() -> None:
    pace = paced(1.0, 1.0)
    pace.took(8, PER_TOKEN * (8 + RUN_COST))
    assert pace.per_token < 1.3 * PER_TOKEN


def test_what_fits_takes_no_longer_than_there_is() -> None:
    pace = paced(1.0, 1.3, 0.8, 1.1)
    assert pace.seconds(int(pace.tokens(0.02))) <= 0.02
    assert pace.seconds(int(pace.tokens(0.02)) + 1) > 0.02 - pace.per_token


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("-inf")])
def test_nothing_fits_into_no_time(seconds: float) -> None:
    assert paced(1.0).tokens(seconds) < 0
    assert Pace().tokens(seconds) < 0


def test_an_unsteady_machine_gets_a_wider_estimate() -> None:
    assert paced(*[0.5, 1.5] * 20).per_token > 1.5 * paced(*[1.0] * 40).per_token


def test_a_machine_that_gets_slower_or_faster_is_noticed() -> None:
    slower = paced(*[1.0] * 10, *[3.0] * 8)
    assert slower.per_token > 2.5 * PER_TOKEN
    assert paced(*[3.0] * 10, *[1.0] * 30).per_token < 1.2 * PER_TOKEN


def test_one_stall_does_not_stop_what_follows_it() -> None:
    stalled = paced(*[1.0] * 10, 1000.0)
    assert stalled.per_token < 5 * PER_TOKEN
    for _ in range(12):
        stalled.took(TOKENS, PER_TOKEN * (TOKENS + RUN_COST))
    assert stalled.per_token < 1.5 * PER_TOKEN
