"""How long it takes to understand a query, cold (read anew) and warm (remembered). Not part of the tests.

    python -m tests.performance.understanding_speed
    python -m tests.performance.understanding_speed --products products.jsonl.gz --judgments judgments.jsonl

Without options: the shop of our own and the labelled queries. Also the time of `tokens` for a title, of
reading a vocabulary from disk, and its memory.
"""

import argparse
import gzip
import json
import os
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from sidecar.domain.understanding import EntityKind
from sidecar.ranking.understanding.harvest import Harvest, count_values
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary_folder import read_vocabulary, write_vocabulary
from sidecar.shop.shop import invent_shop
from sidecar.text.tokens import tokens

LABELLED = Path(__file__).parents[1] / "data" / "understood_queries.yml"
ROUNDS = 20


def documents_and_queries(arguments: argparse.Namespace) -> tuple[list[dict[str, Any]], list[str]]:
    if arguments.products is None:
        labelled = yaml.safe_load(LABELLED.read_text(encoding="utf-8"))
        queries = [entry["q"] for entries in labelled.values() for entry in entries]
        return [made.document for made in invent_shop(products=arguments.count)[0]], queries
    with gzip.open(arguments.products, "rt", encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    with arguments.judgments.open(encoding="utf-8") as lines:
        return documents, [json.loads(line)["query"] for line in lines]


def harvest(documents: Sequence[dict[str, Any]]) -> Harvest:
    def values(name: str) -> Iterable[str]:
        for document in documents:
            found = document.get(name) or ()
            yield from [found] if isinstance(found, str) else found

    read = Harvest({kind: count_values(values(kind.value)) for kind in EntityKind})
    for document in documents:
        read.read(document["title"], [document.get("brand") or ""], document.get("category") or [])
    return read


def timed(work: Callable[[str], object], texts: Sequence[str], rounds: int = ROUNDS) -> str:
    """Percentiles over every text and round, in microseconds; and of this thread's processor time alone."""
    told = []
    for name, clock in (("wall", time.perf_counter), ("cpu", time.thread_time)):
        took = []
        for _ in range(rounds):
            for text in texts:
                begin = clock()
                work(text)
                took.append((clock() - begin) * 1e6)
        cuts = statistics.quantiles(took, n=100)
        told.append(f"{name} p50 {cuts[49]:6.1f}  p90 {cuts[89]:6.1f}  p99 {cuts[98]:7.1f} µs")
    return "    ".join(told)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=Path, help="JSON lines, .gz")
    parser.add_argument("--judgments", type=Path)
    parser.add_argument("--count", type=int, default=2000, help="products of the shop of our own")
    arguments = parser.parse_args()
    documents, queries = documents_and_queries(arguments)
    print(f"load {os.getloadavg()[0]:.1f}; {len(documents):,} products, {len(queries)} queries")
    begin = time.perf_counter()
    read = harvest(documents)
    names, words = read.names(), read.words()
    print(f"gathering {time.perf_counter() - begin:.2f} s: {len(names):,} names, {len(words):,} words")
    with tempfile.TemporaryDirectory() as folder:
        written = write_vocabulary(
            Path(folder), "x", names=names, words=words, documents=read.documents, created=""
        )
        size = sum(file.stat().st_size for file in written.folder.iterdir())
        begin = time.perf_counter()
        vocabulary = read_vocabulary(written.folder)
        took = time.perf_counter() - begin
        del vocabulary
        tracemalloc.start()
        vocabulary = read_vocabulary(written.folder)
        memory, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    sizes = f"{size / 1e6:.2f} MB on disk, {memory / 1e6:.1f} MB of memory"
    print(f"reading a version {took * 1000:.0f} ms, {sizes}")
    reader = Reader(vocabulary)
    print("understanding, cold  ", timed(reader.read_anew, queries))
    print("understanding, warm  ", timed(reader.read, queries))
    titles = [document["title"] for document in documents[:500]]
    print("tokens of a title    ", timed(tokens, titles, rounds=4))


if __name__ == "__main__":
    main()
