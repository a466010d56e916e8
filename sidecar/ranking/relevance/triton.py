"""Scores and vectors from a model on Triton Inference Server.

The model's contract (triton_models/bert_reranker): inputs QUERY and TEXT, BYTES [n, 1]; outputs SCORE,
FP32 [n, 1], of the two, VECTOR, FP32 [n, d], of the text alone, each with NaN where the budget ran out, and
MODEL, BYTES [n, 1], the same fingerprint n times. Only what is asked for is computed.
"""

import time
from collections.abc import Sequence

import numpy as np
import tritonclient.grpc.aio as triton
from tritonclient.grpc import InferInput, InferRequestedOutput, InferResult
from tritonclient.utils import InferenceServerException

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.scorer import (
    CheckedScorer,
    ScorerError,
    ScorerFailed,
    ScorerLate,
    ScorerModelLost,
    ScorerOverloaded,
    ScorerUnavailable,
    Scores,
    VectorArray,
    Vectors,
)

ANSWER_RESERVE = 0.003
"""Seconds for the answer's way, beyond what the model's last micro-batch takes too long."""

FIRST_OVERRUN = 0.03
MOST_OVERRUN = 1.0
FORGETTING = 0.9
"""How much of the overrun seen so far counts in the next call."""

MAX_MESSAGE_BYTES = 256 * 1024 * 1024

CHANNEL_OPTIONS = [
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # A Triton that comes back is found within half a second; gRPC's own backoff grows to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
]

# Triton says UNAVAILABLE for a full or expired queue as well as for a model that is not there.
QUEUE_MESSAGES = ("exceeds maximum queue size", "request timeout expired")

# Of a model that was never loaded, of one that was unloaded, and (after a second of waiting for it) of one
# whose process is dead or frozen, with the status INTERNAL.
LOST_MESSAGES = ("unknown model", "no available versions", "is not healthy")


class TritonScorer(CheckedScorer):
    """One channel to one Triton; to be made and used inside one event loop."""

    def __init__(
        self,
        address: str,
        model: str,
        *,
        model_version: str = "",
        fingerprint: str = "",
        tls: bool = False,
        ca: str | None = None,
        key: str | None = None,
        certificate: str | None = None,
    ) -> None:
        """`address` is host:port of Triton's gRPC; `ca`, `key` and `certificate` are paths of PEM files.

        With a `fingerprint`, answers of any other model are refused.
        """
        super().__init__()
        self._model_name = model
        self._model_version = model_version
        self._fingerprint = fingerprint
        # By how much the model answers later than its budget: it waits in a queue before the budget
        # begins, and finishes the micro-batch it is at. Learnt, or whole answers would come too late.
        self._overrun = FIRST_OVERRUN
        self._client = triton.InferenceServerClient(
            address,
            ssl=tls,
            root_certificates=ca,
            private_key=key,
            certificate_chain=certificate,
            channel_args=CHANNEL_OPTIONS,
        )

    async def _score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        values, model = await self._infer([query] * len(texts), texts, "SCORE", deadline)
        return Scores(values.reshape(-1), model)

    async def _embed(self, texts: Sequence[str], deadline: Deadline) -> Vectors:
        values, model = await self._infer([""] * len(texts), texts, "VECTOR", deadline)
        return Vectors(values, model)

    async def _infer(
        self, queries: Sequence[str], texts: Sequence[str], output: str, deadline: Deadline
    ) -> tuple[VectorArray, str]:
        """float32 [n, width] of that output, and the model's fingerprint. Raises ScorerError."""
        remaining = deadline.remaining()
        budget = remaining - min(ANSWER_RESERVE + self._overrun, remaining / 2)
        started = time.monotonic()
        try:
            result = await self._client.infer(
                self._model_name,
                [_text_input("QUERY", queries), _text_input("TEXT", texts)],
                model_version=self._model_version,
                outputs=[InferRequestedOutput(output), InferRequestedOutput("MODEL")],
                timeout=max(1, int(budget * 1_000_000)),  # microseconds in Triton's queue
                client_timeout=remaining,  # seconds, end to end
                parameters={"budget_ms": max(1, int(budget * 1000))},
            )
        except InferenceServerException as error:
            raise _as_scorer_error(error) from error
        finally:
            if deadline.remaining() <= 0:
                self._overrun = min(MOST_OVERRUN, 2 * self._overrun)
        values, model = _read(result, output, len(texts))
        if self._fingerprint and model != self._fingerprint:
            raise ScorerFailed(f"{self._model_name} answers as {model}, not as {self._fingerprint}")
        if np.isnan(values).any():  # it went on until its budget was used up, and then some
            overrun = time.monotonic() - started - budget
            self._overrun = min(MOST_OVERRUN, max(FORGETTING * self._overrun, overrun, ANSWER_RESERVE))
        return values, model

    async def close(self) -> None:
        await self._client.close()


def _text_input(name: str, texts: Sequence[str]) -> InferInput:
    """A BYTES tensor [n, 1]. Lone surrogates, which UTF-8 does not know, become question marks."""
    tensor = InferInput(name, [len(texts), 1], "BYTES")
    encoded = [text.encode("utf-8", "replace") for text in texts]
    tensor.set_data_from_numpy(np.array(encoded, dtype=np.object_).reshape(-1, 1))
    return tensor


def _read(result: InferResult, output: str, expected: int) -> tuple[VectorArray, str]:
    """Numbers and fingerprint from Triton's answer, which may be anything. Raises ScorerFailed."""
    try:
        values, models = result.as_numpy(output), result.as_numpy("MODEL")
    except Exception as error:
        raise ScorerFailed(f"Triton's answer cannot be read: {error}") from error
    if values is None or models is None:
        raise ScorerFailed(f"Triton's answer lacks {output} or MODEL")
    rows = (expected, 1) if output == "SCORE" else (expected, *values.shape[1:2])
    if values.dtype != np.float32 or values.shape != rows or models.size != expected:
        raise ScorerFailed(
            f"{expected} rows of FP32 {output} and model names expected, "
            f"found {values.dtype} of shape {values.shape} and {models.size} names"
        )
    names = set(models.reshape(-1).tolist())
    if len(names) != 1:
        raise ScorerFailed("one answer names several models")
    (name,) = names
    return values, name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _as_scorer_error(error: InferenceServerException) -> ScorerError:
    """What Triton's (or the channel's) status means to the stage."""
    status = str(error.status()).removeprefix("StatusCode.")
    message = f"{status}: {error.message()}"
    told = str(error.message()).lower()
    if any(words in told for words in QUEUE_MESSAGES):
        return ScorerOverloaded(message)
    if any(words in told for words in LOST_MESSAGES):
        return ScorerModelLost(message)
    match status:
        case "UNAVAILABLE":
            return ScorerUnavailable(message)
        case "NOT_FOUND":
            return ScorerModelLost(message)
        case "RESOURCE_EXHAUSTED":
            return ScorerOverloaded(message)
        case "DEADLINE_EXCEEDED":
            return ScorerLate(message)
        case _:
            return ScorerFailed(message)
