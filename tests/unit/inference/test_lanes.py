"""Micro-batches side by side: never more than there are lanes, no answer lost, errors handed on."""

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from sidecar.inference import Encoder, Job
from sidecar.inference.lanes import Lanes
from sidecar.inference.network import Network
from tests.unit.inference.test_encoder import titles

Load = Callable[..., Encoder]


class Recorded:
    """A batch and its work in one: notes who runs and what was kept."""

    def __init__(self, number: int, hall: "Hall") -> None:
        self.items = [number]
        self.work = hall

    def rows(self) -> np.ndarray:
        return self.work.run(self.items[0])


class Hall:
    """Where batches meet."""

    def __init__(self, together: int = 1, fails_at: int = -1) -> None:
        self.meeting = threading.Barrier(together)
        self.fails_at = fails_at
        self.running = self.most = self.begun = 0
        self.kept: list[int] = []
        self.lock = threading.Lock()

    def run(self, number: int) -> np.ndarray:
        with self.lock:
            self.begun += 1
            self.running += 1
            self.most = max(self.most, self.running)
        self.meeting.wait(timeout=30)
        with self.lock:
            self.running -= 1
        if number == self.fails_at:
            raise RuntimeError("no memory")
        return np.zeros((1, 1), np.float32)

    def done(self, items: list[int], rows: np.ndarray) -> None:
        self.kept += items

    def batches(self, count: int) -> Iterator[Recorded]:
        return (Recorded(number, self) for number in range(count))


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_as_many_run_together_as_there_are_lanes(lanes: int) -> None:
    hall = Hall(together=lanes)
    Lanes(lanes).run(hall.batches(12))  # type: ignore[arg-type]
    assert hall.most == lanes
    assert sorted(hall.kept) == list(range(12))


@pytest.mark.parametrize("lanes", [1, 3])
def test_the_next_batch_is_only_asked_for_when_a_lane_is_free(lanes: int) -> None:
    hall = Hall()
    ahead = []

    def asked() -> Iterator[Recorded]:
        for batch in hall.batches(20):
            ahead.append(batch.items[0] - len(hall.kept))
            yield batch

    Lanes(lanes).run(asked())  # type: ignore[arg-type]
    assert max(ahead) < lanes


@pytest.mark.parametrize("lanes", [1, 3])
def test_an_error_reaches_the_caller_and_the_lanes_work_on(lanes: int) -> None:
    hall = Hall(fails_at=4)
    shared = Lanes(lanes)
    with pytest.raises(RuntimeError, match="no memory"):
        shared.run(hall.batches(50))  # type: ignore[arg-type]
    assert hall.running == 0, "nothing is left running"
    assert hall.begun < 4 + 2 * lanes
    after = Hall()
    shared.run(after.batches(5))  # type: ignore[arg-type]
    assert sorted(after.kept) == list(range(5))


def test_lanes_answer_as_one_thread_does(tiny_cross_encoders: dict) -> None:
    texts = titles(150)
    for folder in tiny_cross_encoders.values():
        one, three = (Encoder.load(folder, threads=threads) for threads in (1, 3))
        job = Job(["red shoe"] * 150, texts, vectors=True)
        alone, beside = one.score_jobs([job])[0], three.score_jobs([job])[0]
        assert np.array_equal(alone.scores, beside.scores)
        assert np.array_equal(alone.vectors, beside.vectors)


def test_the_first_request_knows_the_pace(tiny_models: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    original = Network.rows
    encoder = Encoder.load(tiny_models["int8"], threads=1, cache_bytes=0)

    def counted(network: Network, encodings: list) -> np.ndarray:
        ran.append(len(encodings))
        return original(network, encodings)

    monkeypatch.setattr(Network, "rows", counted)
    scores = encoder.score(["red"] * 60, titles(60), remaining=lambda: 1e-7).scores
    assert np.isnan(scores).all()
    assert not ran, "a tenth of a microsecond is too little for any text, and that is known"
