"""Triton's side of the re-ranker: requests in, scores and vectors out. The work is done by the engine beside
this file.

Contract (n candidates, best first; see config.pbtxt):
  QUERY BYTES [n,1], TEXT BYTES [n,1] -> SCORE FP32 [n,1] of (QUERY, TEXT), VECTOR FP32 [n,d] of TEXT alone
  (NaN: not reached in time), MODEL BYTES [n,1] (the fingerprint, n times); each only if requested.
Request parameter `budget_ms` (int): no micro-batch is started that is not expected to end within that much
time since the request reached this model.
"""

import json
import os
import sys
import time
from pathlib import Path

# Triton's embedded Python ignores PYTHONPATH; where numpy and onnxruntime are not installed in it (the local
# stack), this names their folder. The engine lies beside this file.
sys.path[:0] = [str(Path(__file__).resolve().parent)]
sys.path[:0] = [
    folder for folder in os.environ.get("RESHELF_TRITON_PACKAGES", "").split(os.pathsep) if folder
]

import numpy as np  # noqa: E402
import triton_python_backend_utils as pb_utils  # noqa: E402
from inference import Encoder, Job  # noqa: E402

MEBIBYTE = 1024 * 1024


class TritonPythonModel:
    """One instance: its own engine, threads and cache."""

    def initialize(self, args):
        """Loads the version that Triton chose. Raising here makes the model (and Triton) not ready."""
        config = json.loads(args["model_config"])
        parameters = {name: value["string_value"] for name, value in config.get("parameters", {}).items()}
        self.encoder = Encoder.load(
            Path(__file__).resolve().parent,
            threads=_whole_number(parameters, "threads"),
            cache_bytes=_whole_number(parameters, "cache_mib") * MEBIBYTE,
            max_length=_whole_number(parameters, "max_length"),
        )
        self.fingerprint = self.encoder.fingerprint.encode()
        pb_utils.Logger.log_info(f"bert_reranker: {self.encoder.fingerprint} on {self.encoder.providers}")

    def execute(self, requests):
        """Does all requests of a dynamic batch in shared micro-batches; a bad one only fails itself."""
        arrived = time.monotonic()
        jobs = [None] * len(requests)
        responses = [None] * len(requests)
        for position, request in enumerate(requests):
            try:
                jobs[position] = _job(request, arrived)
            except Exception as error:  # noqa: BLE001 - one bad request must not fail the others
                responses[position] = _failure(error)
        good = [position for position, job in enumerate(jobs) if job is not None]
        try:
            answers = self.encoder.score_jobs([jobs[position] for position in good])
            for position, scored in zip(good, answers, strict=True):
                responses[position] = self._response(requests[position], scored)
        except Exception as error:  # noqa: BLE001 - the caller gets an error, Triton keeps the model
            pb_utils.Logger.log_error(f"bert_reranker: {error!r}")
            responses = [response or _failure(error) for response in responses]
        return responses

    def _response(self, request, scored):
        rows = len(scored.scores)
        makers = {
            "SCORE": lambda: scored.scores.reshape(rows, 1),
            "VECTOR": lambda: np.ascontiguousarray(scored.vectors, dtype=np.float32),
            "MODEL": lambda: np.full((rows, 1), self.fingerprint, dtype=object),
        }
        names = request.requested_output_names()
        return pb_utils.InferenceResponse([pb_utils.Tensor(name, makers[name]()) for name in names])


def _job(request, arrived):
    """A request as the engine's job. Raises ValueError for a bad one."""
    parameters = json.loads(request.parameters() or "{}")
    queries = _texts(request, "QUERY")
    texts = _texts(request, "TEXT")
    budget = parameters.get("budget_ms")
    if budget is not None and (isinstance(budget, bool) or not isinstance(budget, int) or budget < 0):
        raise ValueError(f"parameter budget_ms is {budget!r}: give whole milliseconds from 0.")
    until = float("inf") if budget is None else arrived + budget / 1000
    wanted = request.requested_output_names()
    return Job(
        queries,
        texts,
        remaining=lambda: until - time.monotonic(),
        cancelled=request.is_cancelled,
        scores="SCORE" in wanted,
        vectors="VECTOR" in wanted,
    )


def _texts(request, name):
    return pb_utils.get_input_tensor_by_name(request, name).as_numpy().reshape(-1).tolist()


def _failure(error):
    return pb_utils.InferenceResponse(error=pb_utils.TritonError(f"bert_reranker: {error}"))


def _whole_number(parameters, name):
    value = parameters.get(name, "0")
    if not value.isdecimal():
        raise ValueError(f"config.pbtxt: parameter {name} is {value!r}: give a whole number from 0.")
    return int(value)
