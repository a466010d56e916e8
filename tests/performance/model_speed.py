"""How fast the models are: pairs per second cold, latency with known documents, and Triton's own share.

A bi-encoder embeds texts, a cross-encoder reads pairs of as many tokens; both of the default weights.

Run: python -m tests.performance.model_speed [--rounds 5] [--json FILE]

Arms are interleaved in rounds, their order turned about each round, so that a busy machine slows all alike.
Beside the wall clock stands the processor time, which other programs disturb less. A matrix probe in the same
rounds says what the machine could do at that moment.
"""

import argparse
import json
import os
import tempfile
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from sidecar.inference import Encoder
from sidecar.inference.batching import BLOCK, micro_batches
from sidecar.model.build import build_model
from sidecar.stack.paths import cache_folder
from sidecar.stack.triton import ensure_triton
from sidecar.stack.triton_process import TritonProcess
from tests.fixtures.triton_client import TritonClient

PAIRS = 100
FLOPS_A_TOKEN = 6 * 24 * 384**2
FLOPS_A_PAIR_TOKEN = (5 * 24 + 4) * 384**2
"""Of the last layer only keys and values are needed of every token."""
QUERY_WORDS = 3
"""A query and its [SEP] in tokens: a pair's text is shorter by so much, so that all arms read as many."""
ARMS = ("int8", "fp32", "pairs int8", "pairs fp32")
WORDS = [
    "red", "blue", "steel", "cotton", "small", "folding", "waterproof", "vintage", "wireless", "kids",
    "shoe", "kettle", "lamp", "chair", "shirt", "garden", "hose", "frying", "pan", "mug", "desk",
    "tent", "running", "outdoor", "kitchen", "office", "women", "men", "pack", "of", "set", "with",
    "and", "for", "the", "in", "large", "black",
]  # fmt: skip


def product_texts(count: int, salt: str, shorter: int = 0) -> list[str]:
    """Titles of 14 to 64 tokens, 42 on average, no two the same; or `shorter` by so many words."""
    random = np.random.default_rng(zlib.crc32(salt.encode()))
    sizes = random.integers(10, 62, count) - shorter
    return [f"{' '.join(random.choice(WORDS, int(size)))} {salt}{n}" for n, size in enumerate(sizes)]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds (of this process, all threads)."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def matrix_probe() -> float:
    """fp32 GFLOP a second of a product in the model's shape."""
    a, b = np.ones((1024, 384), np.float32), np.ones((384, 1536), np.float32)
    seconds, _ = timed(lambda: [a @ b for _ in range(10)])
    return 10 * 2 * 1024 * 384 * 1536 / seconds / 1e9


def measure(rounds: int) -> dict[str, object]:
    """All figures; times in milliseconds for a request of 100 pairs."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        built = {
            f"{kind}{precision}": build_model(
                folder / f"{kind}{precision}", cache=cache_folder(), precision=precision, adapter=name
            )
            for kind, name in (("", "none"), ("pairs ", "default"))
            for precision in ("int8", "fp32")
        }
        engines = {name: Encoder.load(model.folder) for name, model in built.items()}
        with TritonProcess(folder / "triton", ensure_triton(), built["int8"].folder.parent.parent) as triton:
            client = TritonClient(triton.grpc_address)
            samples = collect(engines, client, rounds)
        texts = product_texts(1000, "lengths")
        pairs = [("shoe 1", text) for text in product_texts(1000, "lengths", QUERY_WORDS)]
        lengths = {
            "int8": [len(tokens) for tokens in engines["int8"].network.tokenize(texts)],
            "pairs int8": [len(tokens) for tokens in engines["pairs int8"].network.tokenize(pairs)],
        }
    return summary(samples, lengths, rounds)


def collect(
    engines: dict[str, Encoder], client: TritonClient, rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """(wall, processor) seconds of each sample by arm."""
    samples: dict[str, list[tuple[float, float]]] = {}

    def sample(arm: str, work: Callable[[], object]) -> None:
        samples.setdefault(arm, []).append(timed(work))

    known = product_texts(PAIRS, "known")
    for number in range(rounds + 1):
        texts = product_texts(PAIRS, f"cold{number}x")
        shorter = product_texts(PAIRS, f"cold{number}x", QUERY_WORDS)
        arms: list[tuple[str, Callable[[], object]]] = [
            (
                f"{name} cold",
                partial(
                    engine.score, [f"shoe {number}"] * PAIRS, shorter if name.startswith("pairs") else texts
                ),
            )
            for name, engine in engines.items()
        ]
        arms.append(("triton cold", partial(client.scores, f"shoe {number}", texts)))
        for name, work in arms if number % 2 else arms[::-1]:
            sample(name, work)
        samples.setdefault("matrix probe", []).append((matrix_probe(), 0.0))
        for repeat in range(20):
            query = f"mug {number} {repeat}"
            engine = engines["int8"]
            arms = [
                ("engine new query", partial(engine.score, [query] * PAIRS, known)),
                ("triton new query", partial(client.scores, query, known)),
                ("engine same query", partial(engine.score, [query] * PAIRS, known)),
                ("triton same query", partial(client.scores, query, known)),
                (
                    "triton same query, vectors",
                    partial(client.infer, query, known, "SCORE", "VECTOR", "MODEL"),
                ),
            ]
            for name, work in arms:
                sample(name, work)
        if number == 0:
            samples.clear()  # the first round warms everything up
    return samples


def summary(
    samples: dict[str, list[tuple[float, float]]], lengths: dict[str, list[int]], rounds: int
) -> dict[str, object]:
    """Medians, and what follows from them."""
    wall = {name: median(seconds for seconds, _ in values) * 1000 for name, values in samples.items()}
    processor = {name: median(seconds for _, seconds in values) * 1000 for name, values in samples.items()}
    probe = median(value for value, _ in samples["matrix probe"])
    tokens = {name: sum(found) / len(found) for name, found in lengths.items()}
    speed = {name: PAIRS * 1000 / wall[f"{name} cold"] for name in (*ARMS, "triton")}
    gflops = {
        name: speed[name]
        * (
            tokens["pairs int8"] * FLOPS_A_PAIR_TOKEN
            if name.startswith("pairs")
            else tokens["int8"] * FLOPS_A_TOKEN
        )
        / 1e9
        for name in ARMS
    }
    share = [
        (there[0] - here[0]) * 1000
        for there, here in zip(samples["triton same query"], samples["engine same query"], strict=True)
    ]
    return {
        "rounds": rounds,
        "cores": len(os.sched_getaffinity(0)),
        "load": [round(value, 1) for value in os.getloadavg()],
        "tokens": {name: round(mean, 1) for name, mean in tokens.items()},
        "padding_efficiency": {name: round(padding_efficiency(found), 3) for name, found in lengths.items()},
        "pairs_per_second": {name: round(value) for name, value in speed.items()},
        "pairs_per_processor_second": {
            name: round(PAIRS * 1000 / processor[f"{name} cold"]) for name in ARMS
        },
        "pairs_per_second_documents_known": round(PAIRS * 1000 / wall["triton new query"]),
        "milliseconds": {name: round(value, 2) for name, value in wall.items() if name != "matrix probe"},
        "triton_share_ms": round(median(share), 2),
        "matrix_probe_gflops": round(probe, 1),
        "share_of_probe": {name: round(value / probe, 2) for name, value in gflops.items()},
    }


def padding_efficiency(lengths: list[int]) -> float:
    """Real tokens among those computed."""
    padded = sum(
        len(batch) * max(lengths[start + place] for place in batch)
        for start in range(0, len(lengths), BLOCK)
        for batch in micro_batches(lengths[start : start + BLOCK])
    )
    return sum(lengths) / padded


def main() -> None:
    """Measures and prints; `--json FILE` writes the figures too."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure(options.rounds)
    text = json.dumps(figures, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
