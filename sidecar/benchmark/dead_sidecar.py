"""What a dead sidecar costs: before the breaker opens, and after."""

import math
from collections.abc import Sequence
from typing import Any

from sidecar.benchmark.bed import INDEX, PATIENT_DEADLINE, Bed
from sidecar.benchmark.client import SearchClient
from sidecar.benchmark.interleave import Arm, run_interleaved
from sidecar.benchmark.overhead import PLAIN, search_body, warm_up
from sidecar.benchmark.paired import Difference, Latency

DEADLINE_MS = 200


def measure_dead_sidecar(bed: Bed, queries: Sequence[str], window: int, searches: int) -> dict[str, Any]:
    """Kill and freeze the sidecar under search; time searches until and after the breaker opens.

    `killed` refuses connections, `frozen` (SIGSTOP) keeps them and never answers. `first` are the searches
    that ran until the breaker was open, each in milliseconds. Afterwards both arms are interleaved.
    """
    bed.settings(deadline=f"{DEADLINE_MS}ms")
    result: dict[str, Any] = {"deadline_ms": DEADLINE_MS, "searches": 0, "failures": 0}
    for name in ("killed", "frozen"):
        bed.order_sidecar.start()
        bed.use_order_scorer()
        arms = [
            Arm("plain", PLAIN, search_body(10)),
            Arm("reshelf", bed.pipeline(window), search_body(10)),
        ]
        warm_up(bed, arms, queries, 3.0, 2)
        if name == "killed":
            bed.order_sidecar.service.kill()
        else:
            bed.order_sidecar.service.pause()
        first, failures = _until_breaker_opens(bed, queries, window)
        timings = run_interleaved(bed.url, INDEX, arms, queries, math.ceil(searches / 2 / len(queries)), 1)
        result["searches"] += len(first) + len(timings.seconds["reshelf"]) + timings.failures
        result["failures"] += failures + timings.failures
        result[name] = {
            "first_ms": first,
            "plain": Latency.of(timings.seconds["plain"]),
            "reshelf": Latency.of(timings.seconds["reshelf"]),
            "overhead": Difference.of(timings.seconds["reshelf"], timings.seconds["plain"]),
        }
        bed.order_sidecar.service.resume()
        bed.order_sidecar.stop()
    bed.settings(deadline=PATIENT_DEADLINE)
    return result


def _until_breaker_opens(bed: Bed, queries: Sequence[str], window: int) -> tuple[list[float], int]:
    """Search until a search was let through for an open breaker: milliseconds of each, failures."""
    client = SearchClient(bed.url)
    taken: list[float] = []
    failures = 0
    opened = bed.stats()["stepped_aside"]["breaker_open"]
    try:
        for number in range(100):
            answer = client.search(
                INDEX, search_body(10)(queries[number % len(queries)]), bed.pipeline(window)
            )
            failures += answer.status != 200
            taken.append(round(answer.seconds * 1000, 1))
            if bed.stats()["stepped_aside"]["breaker_open"] > opened:
                break
    finally:
        client.close()
    return taken, failures
