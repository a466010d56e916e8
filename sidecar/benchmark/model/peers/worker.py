"""One arm in a process of its own: reads requests as JSON lines, answers scores and the seconds they took.

What is timed is what a caller in the same process waits for: tokenising, batching, the network. Reading and
writing the lines is not.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import IO

Score = Callable[[str, list[str]], Sequence[float]]
"""A query and n texts in, n logits out, in the texts' order."""

Load = Callable[[str, int, int], Score]
"""From a checkpoint's folder, the most tokens of a pair and the threads to use."""


def serve(load: Callable[[], tuple[Score, str]], given: IO[str], told: IO[str]) -> None:
    """Load, say what was loaded, then answer until `given` ends. Errors are answered, never raised."""
    try:
        score, what = load()
    except Exception as error:  # noqa: BLE001 - whatever a peer raises is its reason in the report
        _tell(told, {"error": f"{type(error).__name__}: {error}"[:500]})
        return
    _tell(told, {"ready": what})
    for line in given:
        request = json.loads(line)
        query, texts = request["query"], request["texts"]
        begin = time.perf_counter()
        try:
            scores = score(query, texts)
        except Exception as error:  # noqa: BLE001 - see above
            _tell(told, {"error": f"{type(error).__name__}: {error}"[:500]})
            continue
        seconds = time.perf_counter() - begin
        _tell(told, {"seconds": seconds, "scores": [float(value) for value in scores]})


def private_output() -> IO[str]:
    """Our end of stdout, with everything that libraries print sent to stderr from here on."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return told


def keep_to(threads: int) -> None:
    """Let this process run on that many of its cores only: a budget that no library can overdraw."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def _tell(told: IO[str], answer: dict[str, object]) -> None:
    told.write(json.dumps(answer) + "\n")
    told.flush()


def main(arguments: Sequence[str]) -> None:
    """Arguments: module and function that load the arm, folder, max_length, threads."""
    module, function, folder, max_length, threads = arguments
    told = private_output()
    keep_to(int(threads))

    def load() -> tuple[Score, str]:
        found = importlib.import_module(f".{module}", __package__)
        loader: Load = getattr(found, function)
        return loader(folder, int(max_length), int(threads)), found.versions()

    serve(load, sys.stdin, told)
    # Some libraries leave threads behind that would keep the process.
    os._exit(0)
