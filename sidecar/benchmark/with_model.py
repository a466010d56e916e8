"""What a search costs with the model: nothing cached, documents known, the very same search again."""

from collections.abc import Sequence
from statistics import median
from typing import Any

import psutil

from sidecar.benchmark.bed import INDEX, Bed
from sidecar.benchmark.client import SearchClient
from sidecar.benchmark.overhead import PLAIN, search_body
from sidecar.benchmark.paired import Difference, Latency


def measure_with_model(bed: Bed, queries: Sequence[str], window: int) -> dict[str, Any]:
    """Times by state of the caches, and each stage's share of the warm search.

    - `cold`: the first search of each query after Triton started; its documents have no vector yet, but for
      those that earlier queries brought up.
    - `new query`: the documents are known, the words are not (one word is added, so that no score is cached).
    - `same again`: every score is in the sidecar's cache.
    Each search has its plain twin right after it; `extra` is the paired difference.
    """
    sidecar, triton = bed.state.services["sidecar"], bed.state.services["triton"]
    for service in (sidecar, triton):
        service.stop()
    for service in (triton, sidecar):
        service.start()
        service.wait_ready(180)
    bed.use_model()
    process = psutil.Process(bed.sidecar_pid(model=True))
    texts = {
        "cold": list(queries),
        "new query": [f"{query} {word}" for word in ("best", "new") for query in queries],
        "same again": [f"{query} {word}" for word in ("best", "new") for query in queries],
    }
    result: dict[str, Any] = {"k": window}
    client = SearchClient(bed.url)
    try:
        for name, wanted in texts.items():
            cpu = process.cpu_times()
            arm, plain, explained = [], [], []
            for text in wanted:
                body = {**search_body(10)(text), "ext": {"reshelf": {}}}
                answer = client.search(INDEX, body, bed.pipeline(window))
                arm.append(answer.seconds)
                plain.append(client.search(INDEX, search_body(10)(text), PLAIN).seconds)
                explained.append(answer.json()["ext"]["reshelf"])
            after = process.cpu_times()
            spent = after.user + after.system - cpu.user - cpu.system
            result[name] = {
                "searches": len(arm),
                "reranked": sum(bool(told["reranked"]) for told in explained),
                "partly": sum(bool(told.get("skipped")) for told in explained),
                "reshelf": Latency.of(arm),
                "plain": Latency.of(plain),
                "extra": Difference.of(arm, plain),
                "sidecar_cpu_ms": round(spent * 1000 / len(arm), 2),
            }
        result["shares"] = _shares(bed, client, texts["same again"], window)
    finally:
        client.close()
    return result


def _shares(bed: Bed, client: SearchClient, texts: Sequence[str], window: int) -> dict[str, float]:
    """Medians in milliseconds of where a warm search's time goes, as the answers themselves tell."""
    rows: list[dict[str, float]] = []
    for text in texts:
        body = {**search_body(10)(text), "ext": {"reshelf": {"explain": True}}}
        answer = client.search(INDEX, body, bed.pipeline(window))
        plain = client.search(INDEX, search_body(window)(text), PLAIN)
        told = answer.json()["ext"]["reshelf"]
        stages = {stage["name"]: float(stage["took_ms"]) for stage in told.get("stages", [])}
        rows.append(
            {
                "whole search": answer.seconds * 1000,
                "plain search of the window": plain.seconds * 1000,
                "call of the sidecar": float(told["took_ms"]),
                **{f"stage {name}": took for name, took in stages.items()},
            }
        )
    return {name: round(median(row[name] for row in rows if name in row), 2) for name in rows[0]}
