"""The model on a real Triton: the engine's answers, and all that can go wrong on the way."""

import os
import queue
import signal
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from tritonclient.utils import InferenceServerException

from sidecar.inference import Encoder
from sidecar.inference.batching import BLOCK
from sidecar.model.build import Built, build_model
from sidecar.model.verify import problems
from sidecar.stack.paths import cache_folder
from sidecar.stack.service import SHARED_MEMORY
from sidecar.stack.triton import ensure_triton, shared_memory_prefix
from sidecar.stack.triton_process import TritonProcess
from tests.fixtures.triton_client import MODEL, TritonClient, outputs, pair_inputs, text_input
from tests.unit.inference.test_encoder import ODD_TEXTS

pytestmark = pytest.mark.stack

PATIENT = 60_000_000
"""Microseconds a request may wait in Triton's queue: these tests also run on busy machines."""
NOUNS = ["shoe", "kettle", "lamp", "chair", "shirt", "garden hose", "frying pan", "mug", "desk", "tent"]
TRAITS = ["red", "blue", "steel", "cotton", "small", "folding", "waterproof", "vintage", "wireless", "kids"]


def titles(count: int, salt: str = "") -> list[str]:
    """Different product titles of 4 to 30 words; another salt, other texts."""
    random = np.random.default_rng(3)
    return [
        f"{salt} {' '.join(random.choice(TRAITS, 2 + number % 26))} {random.choice(NOUNS)} {number}"
        for number in range(count)
    ]


@pytest.fixture
def client(triton: TritonProcess) -> TritonClient:
    return TritonClient(triton.grpc_address)


def test_it_answers_what_the_engine_answers(client: TritonClient, built_model: Built) -> None:
    texts = titles(120)
    result = client.infer("red kids shoe", texts, "SCORE", "VECTOR", "MODEL")
    expected = Encoder.load(built_model.folder).score(["red kids shoe"] * 120, texts)
    assert result.as_numpy("SCORE").shape == (120, 1)
    assert result.as_numpy("SCORE").reshape(-1) == pytest.approx(expected.scores, abs=2e-3)
    assert result.as_numpy("VECTOR") == pytest.approx(expected.vectors, abs=2e-3)
    assert set(result.as_numpy("MODEL").reshape(-1).tolist()) == {built_model.fingerprint.encode()}


def test_it_answers_only_what_is_asked_for(client: TritonClient) -> None:
    result = client.infer("shoe", ["red shoe"], "SCORE")
    assert result.as_numpy("VECTOR") is None
    assert result.as_numpy("MODEL") is None
    assert client.infer("shoe", ["red shoe"], "VECTOR").as_numpy("VECTOR").shape == (1, 384)


def test_odd_texts_are_scored(client: TritonClient) -> None:
    assert np.isfinite(client.scores("red shoe", ["red shoe", *ODD_TEXTS])).all()
    for odd in ODD_TEXTS:
        assert np.isfinite(client.scores(odd, ["red shoe", odd])).all()


def test_without_time_nothing_new_is_scored(client: TritonClient) -> None:
    texts = titles(50, salt="no time")
    assert np.isnan(client.scores("red shoe", texts, parameters={"budget_ms": 0})).all()
    assert np.isfinite(client.scores("red shoe", texts)).all()
    # Known vectors need no time.
    assert np.isfinite(client.scores("red shoe", texts, parameters={"budget_ms": 0})).all()


def test_a_small_budget_leaves_a_best_first_part_scored(client: TritonClient) -> None:
    client.scores("red shoe", ["warm"])
    begun = time.perf_counter()
    client.scores("red shoe", titles(200, salt="measured"))
    whole = time.perf_counter() - begun
    known = np.isfinite(
        client.scores(
            "red shoe", titles(200, salt="partly"), parameters={"budget_ms": int(whole * 1000 * 0.5)}
        )
    )
    assert 0 < known.sum() < 200
    # In whole blocks from the top, but for the block that was under way.
    assert known[: known.sum() // BLOCK * BLOCK].sum() >= (known.sum() // BLOCK) * BLOCK - BLOCK
    assert not known[-20:].all()


@pytest.mark.parametrize("budget", ["soon", -1, True])
def test_a_bad_budget_is_a_clean_error(client: TritonClient, budget: object) -> None:
    with pytest.raises(InferenceServerException, match="budget_ms"):
        client.scores("red shoe", ["red shoe"], parameters={"budget_ms": budget})
    assert np.isfinite(client.scores("red shoe", ["red shoe"])).all()


def test_more_candidates_than_allowed_is_a_clean_error(client: TritonClient) -> None:
    with pytest.raises(InferenceServerException, match="batch-size must be <= 1024"):
        client.scores("red shoe", ["red shoe"] * 1025)
    assert np.isfinite(client.scores("red shoe", ["red shoe"] * 1024)).all()


def test_inputs_of_different_length_are_a_clean_error(client: TritonClient) -> None:
    with pytest.raises(InferenceServerException):
        client.grpc.infer(MODEL, [text_input("QUERY", ["a"]), text_input("TEXT", ["a", "b"])])


def test_a_cancelled_request_stops_early(client: TritonClient) -> None:
    """The model is free for the next request, and has not done all of the cancelled one."""
    begun = time.perf_counter()
    client.scores("red shoe", titles(400, salt="whole"))
    whole = time.perf_counter() - begun
    finished = threading.Event()
    call = client.grpc.async_infer(
        MODEL,
        pair_inputs("red shoe", titles(400, salt="cancelled")),
        lambda result, error: finished.set(),
        outputs=outputs("SCORE"),
    )
    time.sleep(whole * 0.1)
    call.cancel()
    assert finished.wait(10)
    assert np.isfinite(client.scores("red shoe", ["something new after the cancelled one"])).all()
    left = np.isnan(
        client.scores("red shoe", titles(400, salt="cancelled"), parameters={"budget_ms": 0})
    ).sum()
    assert left > 0


@contextmanager
def busy(triton: TritonProcess, salt: str) -> Iterator[None]:
    """The model is at work on one long request while the block runs; what is sent meanwhile queues up."""
    client = TritonClient(triton.grpc_address)
    done = threading.Event()
    client.grpc.async_infer(
        MODEL,
        pair_inputs("red shoe", titles(800, salt=salt)),
        lambda result, error: done.set(),
        outputs=outputs("SCORE"),
    )
    time.sleep(0.3)
    assert not done.is_set()
    yield
    assert done.wait(60)


def settled_statistics(client: TritonClient) -> tuple[int, int]:
    """Rows and runs once nothing of earlier tests is counted any more: what was cancelled runs on."""
    before = None
    while before != (now := client.statistics()):
        before = now
        time.sleep(0.3)
    return now


def test_concurrent_requests_share_executions(client: TritonClient, triton: TritonProcess) -> None:
    clients = [TritonClient(triton.grpc_address) for _ in range(8)]

    def ask(number: int) -> np.ndarray:
        return clients[number].scores(f"shoe {number}", titles(24, salt=f"batch {number}"), timeout=PATIENT)

    rows_before, runs_before = settled_statistics(client)
    with ThreadPoolExecutor(8) as pool, busy(triton, "batching"):
        asked = [pool.submit(ask, number) for number in range(8)]
    answers = [future.result() for future in asked]
    rows, runs = client.statistics()
    assert rows - rows_before == 800 + 8 * 24
    assert runs - runs_before < 1 + 8
    for number, answer in enumerate(answers):
        again = client.scores(f"shoe {number}", titles(24, salt=f"batch {number}"))
        assert answer == pytest.approx(again, abs=2e-3)


def test_one_bad_request_does_not_fail_those_batched_with_it(
    client: TritonClient, triton: TritonProcess
) -> None:
    clients = [TritonClient(triton.grpc_address) for _ in range(8)]

    def ask(number: int) -> bool:
        parameters = {"budget_ms": "bad" if number % 2 else 60_000}
        try:
            texts = titles(40, salt=f"mixed {number}")
            scores = clients[number].scores("shoe", texts, parameters=parameters, timeout=PATIENT)
        except InferenceServerException:
            return False
        return bool(np.isfinite(scores).all())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [True, False] * 4


def test_waiting_too_long_is_a_clean_error(client: TritonClient, triton: TritonProcess) -> None:
    """`timeout` (microseconds in the queue) is the caller's to set."""
    with busy(triton, "slow"), pytest.raises(InferenceServerException, match=r"(?i)timeout"):
        client.scores("b", ["waiting"], timeout=1000)


def test_a_full_queue_is_a_clean_error(client: TritonClient, triton: TritonProcess) -> None:
    """max_queue_size (64) bounds what waits; more is refused at once, and the model lives on."""
    outcomes: queue.Queue[str] = queue.Queue()
    inputs = pair_inputs("flood", ["flood"])
    with busy(triton, "flood"):
        for _ in range(100):
            client.grpc.async_infer(
                MODEL,
                inputs,
                lambda result, error: outcomes.put(str(error) if error else "answered"),
                outputs=outputs("SCORE"),
                timeout=PATIENT,
            )
    told = [outcomes.get(timeout=60) for _ in range(100)]
    assert 1 <= told.count("answered") < 100
    assert all("maximum queue size" in message for message in told if message != "answered")
    assert np.isfinite(client.scores("red shoe", ["red shoe"])).all()


@pytest.fixture
def cross_client(cross_triton: TritonProcess) -> TritonClient:
    return TritonClient(cross_triton.grpc_address)


def test_a_cross_encoder_answers_what_the_engine_answers(
    cross_client: TritonClient, built_cross_encoder: Built
) -> None:
    texts = titles(60)
    result = cross_client.infer("red kids shoe", texts, "SCORE", "VECTOR", "MODEL")
    engine = Encoder.load(built_cross_encoder.folder)
    scores = engine.score(["red kids shoe"] * 60, texts).scores
    assert result.as_numpy("SCORE").reshape(-1) == pytest.approx(scores, abs=1e-2)
    assert result.as_numpy("VECTOR") == pytest.approx(engine.embed(texts), abs=2e-3)
    assert set(result.as_numpy("MODEL").reshape(-1).tolist()) == {built_cross_encoder.fingerprint.encode()}


def test_a_cross_encoders_outputs_are_independent(cross_client: TritonClient) -> None:
    """Known vectors need no time; pairs always do, and are not scored for who wants vectors only."""
    texts = titles(30, salt="independent")
    known = cross_client.infer("shoe", texts, "VECTOR").as_numpy("VECTOR")
    out_of_time = cross_client.infer("kettle", texts, "SCORE", "VECTOR", parameters={"budget_ms": 0})
    assert np.array_equal(out_of_time.as_numpy("VECTOR"), known)
    assert np.isnan(out_of_time.as_numpy("SCORE")).all()
    assert cross_client.infer("shoe", texts, "MODEL").as_numpy("SCORE") is None


def test_a_cross_encoder_scores_odd_pairs(cross_client: TritonClient) -> None:
    assert np.isfinite(cross_client.scores("red shoe", ["red shoe", *ODD_TEXTS])).all()
    for odd in ODD_TEXTS:
        assert np.isfinite(cross_client.scores(odd, ["red shoe", odd])).all()


def test_a_small_budget_leaves_the_best_pairs_scored(cross_client: TritonClient) -> None:
    cross_client.scores("red shoe", ["warm"])
    begun = time.perf_counter()
    cross_client.scores("red shoe", titles(200))
    budget = int((time.perf_counter() - begun) * 500)
    known = np.isfinite(cross_client.scores("red shoe", titles(200), parameters={"budget_ms": budget}))
    assert 0 < known.sum() < 200
    assert not known[-20:].all()
    assert known[: known.sum() // BLOCK * BLOCK].sum() >= (known.sum() // BLOCK) * BLOCK - BLOCK


def test_one_bad_request_does_not_fail_pairs_and_vectors_batched_with_it(
    cross_client: TritonClient, cross_triton: TritonProcess
) -> None:
    clients = [TritonClient(cross_triton.grpc_address) for _ in range(6)]

    def ask(number: int) -> bool:
        output = "SCORE" if number % 3 else "VECTOR"
        parameters = {"budget_ms": "bad" if number % 2 else 60_000}
        texts = titles(20, salt=f"mixed {number}")
        try:
            result = clients[number].infer("shoe", texts, output, parameters=parameters, timeout=PATIENT)
        except InferenceServerException:
            return False
        return bool(np.isfinite(result.as_numpy(output)).all())

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, range(6))) == [True, False] * 3


def test_a_model_without_vectors_answers_no_columns(adapter: Path, tmp_path: Path) -> None:
    built = build_model(
        tmp_path / "models", cache=cache_folder(), adapter=str(adapter), vectors="none", precision="fp32"
    )
    repository = built.folder.parent.parent
    with TritonProcess(tmp_path / "triton", ensure_triton(), repository) as process:
        client = TritonClient(process.grpc_address)
        result = client.infer("shoe", ["red shoe", "mug"], "SCORE", "VECTOR", "MODEL")
        assert np.isfinite(result.as_numpy("SCORE")).all()
        assert result.as_numpy("VECTOR").shape == (2, 0)


def test_it_listens_on_loopback_only(triton: TritonProcess) -> None:
    assert triton.service.record is not None
    listening = {
        # The HTTP server listens on IPv6's way of writing the same address.
        connection.laddr.ip.removeprefix("::ffff:")
        for connection in psutil.Process(triton.service.record.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_the_metrics_count_inferences(triton: TritonProcess, client: TritonClient) -> None:
    client.scores("shoe", ["shoe"])
    with urllib.request.urlopen(triton.metrics_url, timeout=10) as answer:
        text = answer.read().decode()
    counts = [line for line in text.splitlines() if line.startswith("nv_inference_count{")]
    assert counts
    assert float(counts[0].rsplit(" ", 1)[1]) > 0


def test_serving_changes_nothing_in_the_model_folder(triton: TritonProcess, built_model: Built) -> None:
    assert triton.is_ready()
    assert problems(built_model.folder) == []


def runs(member: psutil.Process) -> bool:
    """Whether it still does anything; a process may vanish between two looks."""
    try:
        return member.is_running() and member.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_killed_triton_leaves_no_process(built_model: Built, tmp_path: Path) -> None:
    with TritonProcess(tmp_path, ensure_triton(), built_model.folder.parent.parent) as process:
        assert process.service.record is not None
        family = psutil.Process(process.service.record.pid).children(recursive=True)
        assert family
        process.kill()
        until = time.monotonic() + 10
        while any(runs(member) for member in family) and time.monotonic() < until:
            time.sleep(0.05)
        assert not [member for member in family if runs(member)]
        process.start()
        assert np.isfinite(TritonClient(process.grpc_address).scores("a", ["b"])).all()
        segments = f"{shared_memory_prefix(process.grpc_port)}*"
        assert list(SHARED_MEMORY.glob(segments))
    assert not list(SHARED_MEMORY.glob(segments))


def test_a_dead_model_process_is_seen(built_model: Built, tmp_path: Path) -> None:
    """Triton itself goes on saying ready; `is_ready` asks for a score."""
    with TritonProcess(tmp_path, ensure_triton(), built_model.folder.parent.parent) as process:
        assert process.service.record is not None
        stubs = [
            child
            for child in psutil.Process(process.service.record.pid).children(recursive=True)
            if "stub" in child.name()
        ]
        assert stubs
        for stub in stubs:
            os.kill(stub.pid, signal.SIGKILL)
        time.sleep(0.5)
        assert not process.is_ready()
