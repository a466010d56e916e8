"""The interleaved run: who is asked when, and what becomes of an arm that fails."""

from typing import Any

import numpy as np
import pytest

from sidecar.benchmark.model.arm_process import Answer, ArmFailed
from sidecar.benchmark.model.gemm import Peak
from sidecar.benchmark.model.speed import LEAST_ROUNDS, WARM_UPS, run_rounds
from sidecar.benchmark.model.workload import Request

REQUESTS = [Request(f"query {number}", ["a", "b"]) for number in range(20)]


class FakeArm:
    """Answers at once, and fails from its n-th request on."""

    def __init__(self, name: str, asked: list[tuple[str, str]], fails_at: int = 1000) -> None:
        self.name = name
        self._asked = asked
        self._left = fails_at

    def score(self, request: Request) -> Answer:
        if self._left == 0:
            raise ArmFailed(f"{self.name}: out of memory")
        self._left -= 1
        self._asked.append((self.name, request.query))
        return Answer(0.5, np.array([1.0, 2.0], np.float32))


class FakeProbe:
    def measure(self) -> Peak:
        return Peak(100.0, 400.0)


def run(arms: dict[str, Any], seconds: float = 1.0, **options: Any) -> Any:
    return run_rounds(arms, REQUESTS, FakeProbe(), seconds, **options)  # type: ignore[arg-type]


def test_every_arm_gets_every_request_and_the_order_turns() -> None:
    asked: list[tuple[str, str]] = []
    clock = iter(range(100))
    samples = run({name: FakeArm(name, asked) for name in "abc"}, 8.5, clock=lambda: float(next(clock)))
    measured = asked[3 * WARM_UPS :]
    rounds = [measured[start : start + 3] for start in range(0, len(measured), 3)]
    assert [name for name, _ in rounds[0]] == ["a", "b", "c"]
    assert [name for name, _ in rounds[1]] == ["c", "b", "a"]
    assert all(len({query for _, query in one}) == 1 for one in rounds)
    assert samples.rounds == len(rounds) == len(samples.seconds["a"])
    assert samples.peak() == Peak(100.0, 400.0)


def test_the_time_is_kept_but_for_the_least_rounds() -> None:
    samples = run({"a": FakeArm("a", [])}, 0.0)
    assert samples.rounds == LEAST_ROUNDS


def test_an_arm_that_fails_is_left_out_with_its_reason() -> None:
    asked: list[tuple[str, str]] = []
    samples = run({"good": FakeArm("good", asked), "bad": FakeArm("bad", asked, fails_at=WARM_UPS + 1)}, 0.0)
    assert samples.failed == {"bad": "bad: out of memory"}
    assert set(samples.seconds) == {"good"}
    assert len(samples.seconds["good"]) == LEAST_ROUNDS


def test_too_few_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="give more than"):
        run_rounds({}, REQUESTS[:3], FakeProbe(), 1.0)  # type: ignore[arg-type]
