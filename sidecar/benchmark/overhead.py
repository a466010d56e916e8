"""What the path costs when nothing is scored: plain search against search through the pipeline."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psutil

from sidecar.benchmark.bed import INDEX, Bed
from sidecar.benchmark.client import SearchClient
from sidecar.benchmark.interleave import Arm, run_interleaved
from sidecar.benchmark.paired import Difference, Latency
from sidecar.opensearch.query import bm25_query

PLAIN = "_none"
# The JVM compiles what runs often; until it has, both arms measure the compiler.
WARM_UP_S = 12.0


def search_body(size: int) -> Callable[[str], dict[str, Any]]:
    """A search for `size` hits as a shop's client sends it."""

    def body(query: str) -> dict[str, Any]:
        return {"query": bm25_query(query), "size": size}

    return body


def warm_up(bed: Bed, arms: Sequence[Arm], queries: Sequence[str], seconds: float, clients: int) -> None:
    """Run the arms until the JVM has compiled what they use; nothing is kept."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        run_interleaved(bed.url, INDEX, arms, queries, 1, clients)


def measure_overhead(
    bed: Bed, queries: Sequence[str], windows: Sequence[int], clients: Sequence[int], rounds: int
) -> Iterator[dict[str, Any]]:
    """One row for each window, number of clients and page: both arms, their paired difference.

    `page` "window": the client asks for the whole window in both arms, so that the responses are equal and
    the difference is the path alone. `page` "10": both arms ask for ten hits, as a shopper's page does; the
    difference then holds what it costs OpenSearch to fetch the window. An A/A control (`plain` against
    itself) tells how much of a difference is noise. Where the bed has rules, a further arm is searched under
    them, and `rules` is what it takes longer; `sidecar_cpu_ms` is then of both arms' searches.
    """
    bed.use_order_scorer()
    process = psutil.Process(bed.sidecar_pid(model=False))
    for window in windows:
        for page, size in (("window", window), ("10", 10)):
            arms = [
                Arm("plain", PLAIN, search_body(size)),
                Arm("reshelf", bed.pipeline(window, without_rules=bed.has_rules), search_body(size)),
                Arm("plain again", PLAIN, search_body(size)),
            ]
            if bed.has_rules:
                arms.append(Arm("ruled", bed.pipeline(window), search_body(size)))
            warm_up(bed, arms, queries, WARM_UP_S, 2)
            for count in clients:
                reranked, cpu = bed.reranked(), _cpu_seconds(process)
                timings = run_interleaved(bed.url, INDEX, arms, queries, max(1, rounds // count), count)
                searches = len(timings.seconds["reshelf"])
                reranked = bed.reranked() - reranked
                row = {
                    "k": window,
                    "page": page,
                    "clients": count,
                    "searches": searches,
                    "failures": timings.failures,
                    "reranked": reranked,
                    "plain": Latency.of(timings.seconds["plain"]),
                    "reshelf": Latency.of(timings.seconds["reshelf"]),
                    "overhead": Difference.of(timings.seconds["reshelf"], timings.seconds["plain"]),
                    "control": Difference.of(timings.seconds["plain again"], timings.seconds["plain"]),
                    "sidecar_cpu_ms": round((_cpu_seconds(process) - cpu) * 1000 / max(1, reranked), 3),
                }
                if bed.has_rules:
                    row["ruled"] = Latency.of(timings.seconds["ruled"])
                    row["rules"] = Difference.of(timings.seconds["ruled"], timings.seconds["reshelf"])
                yield row


def hits_per_query(bed: Bed, queries: Sequence[str], size: int) -> list[int]:
    """How many hits each query returns, to leave out queries that cannot fill the window."""
    client = SearchClient(bed.url)
    try:
        return [
            len(client.search(INDEX, search_body(size)(query), PLAIN).json()["hits"]["hits"])
            for query in queries
        ]
    finally:
        client.close()


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
