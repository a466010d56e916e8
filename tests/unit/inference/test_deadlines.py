"""The budget is kept: nothing is begun that would end after it, and what fits is done."""

import numpy as np
import pytest

from sidecar.inference.batching import RUN_COST
from sidecar.inference.cross_encoder import CrossEncoder
from sidecar.inference.encoder import Encoder
from sidecar.inference.job import Job
from tests.fixtures.slow_network import Clock, SlowNetwork

WORDS = 40
TEXTS = [f"{number} " + "word " * (WORDS - 2) for number in range(100)]


def engine(clock: Clock, per_token: float = 1e-4) -> tuple[Encoder, SlowNetwork]:
    """A cross-encoder without a model."""
    network = SlowNetwork(clock, per_token)
    return Encoder(CrossEncoder(network, max_length=96, vectors=None), "slow@1"), network  # type: ignore[arg-type]


def known(clock: Clock, encoder: Encoder, until: float, texts: list[str] = TEXTS) -> np.ndarray:
    scores = encoder.score(["q"] * len(texts), texts, remaining=clock.until(until)).scores
    return np.isfinite(scores)


@pytest.mark.parametrize("per_token", [2e-5, 1e-4, 5e-4])
@pytest.mark.parametrize("budget", [0.05, 0.15, 0.3])
def test_the_budget_is_kept_and_used_on_slow_and_fast_machines(per_token: float, budget: float) -> None:
    clock = Clock()
    encoder, _ = engine(clock, per_token)
    scored = known(clock, encoder, budget)
    assert clock.now <= budget
    left = budget - clock.now
    one = (WORDS + RUN_COST) * per_token
    assert scored.all() or left < 2 * one, "less is left than one more text would take"
    assert scored[: scored.sum()].all() or scored.sum() < 96, "best first, by blocks"


def test_the_last_micro_batch_is_cut_to_fit() -> None:
    clock = Clock()
    encoder, network = engine(clock)
    known(clock, encoder, 0.15)
    assert max(network.sizes) > network.sizes[-1]
    assert clock.now > 0.14


def test_no_time_for_one_text_is_no_score() -> None:
    clock = Clock()
    encoder, _ = engine(clock)
    assert not known(clock, encoder, (WORDS + RUN_COST) * 1e-4 * 0.9).any()
    assert clock.now == 0


def test_a_short_text_may_fit_where_a_long_one_does_not() -> None:
    clock = Clock()
    encoder, _ = engine(clock)
    scored = known(clock, encoder, 0.004, ["long " * 90, "short one"])
    assert scored.tolist() == [False, True]


def test_a_machine_that_stalls_loses_no_score_and_less_is_begun() -> None:
    clock = Clock()
    encoder, network = engine(clock)
    network.speed = lambda number: 5.0 if number == 1 else 1.0
    stalled = known(clock, encoder, 0.35)
    assert clock.now <= 0.35
    assert 0 < stalled.sum() < 100
    again = Clock()
    steady, _ = engine(again)
    assert stalled.sum() < known(again, steady, 0.35).sum()


def test_after_slow_searches_less_is_begun_and_the_budget_kept() -> None:
    clock = Clock()
    encoder, network = engine(clock)
    before = known(clock, encoder, 0.2).sum()
    network.per_token *= 3
    late = []
    for _ in range(6):
        end = clock.now + 0.2
        known(clock, encoder, end, TEXTS)
        late.append(clock.now - end)
    assert late[-1] <= 0
    assert known(clock, encoder, clock.now + 0.2).sum() < before


def test_each_job_has_its_own_time() -> None:
    clock = Clock()
    encoder, network = engine(clock)
    hurried, patient = encoder.score_jobs(
        [
            Job(["q"] * 50, TEXTS[:50], clock.until(0.05)),
            Job(["q"] * 50, TEXTS[50:]),
        ]
    )
    assert np.isfinite(patient.scores).all()
    done = np.isfinite(hurried.scores)
    assert 0 < done.sum() < 50
    assert [ended for ended in network.ended if ended <= 0.05]


def test_a_pair_that_two_jobs_want_is_done_for_the_one_with_time() -> None:
    clock = Clock()
    encoder, _ = engine(clock)
    hurried, patient = encoder.score_jobs(
        [Job(["q"] * 100, TEXTS, clock.until(0.05)), Job(["q"] * 100, TEXTS)]
    )
    assert np.isfinite(patient.scores).all()
    assert np.isfinite(hurried.scores).all(), "what is known is answered, in time or not"


def test_cancelled_jobs_begin_nothing_more() -> None:
    clock = Clock()
    encoder, network = engine(clock)
    job = Job(["q"] * 100, TEXTS, cancelled=lambda: len(network.ended) == 2)
    scores = encoder.score_jobs([job])[0].scores
    assert len(network.ended) == 2
    assert np.isfinite(scores).sum() == sum(network.sizes)
