"""What a category page costs now that it is ranked: its time, and the processors' time.

Run: python -m tests.performance.browse_cost

A real node with the plugin and 20,000 products, a real sidecar with 1,000 rules for other pages. Four ways
take turns, so that a busy machine is busy for all: `plain` (no pipeline), `off` (`browse: false`), `no rule`
(asked, nothing holds), `rules` (a cap, a pin and a boost hold). Times are milliseconds a search: wall as a
client on the same machine sees it, and processor time of the node and of the sidecar, their own work beside
searches included.
"""

import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import psutil

from sidecar.rules.folder_releases import FolderReleases
from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet
from sidecar.stack.opensearch_node import OpenSearchNode
from sidecar.stack.plugin_build import build_plugin
from sidecar.stack.ports import free_port
from sidecar.stack.running import Running
from sidecar.stack.sidecar_process import SidecarProcess
from tests.fixtures.cluster import wait_until
from tests.fixtures.search_client import SearchClient

INDEX, DOCUMENTS, CATEGORIES, RULES = "pages", 20_000, 40, 1_000
BLOCK, BLOCKS, WARM = 50, 12, 400
FIELDS = ["title", "brand", "color", "category", "price", "stock", "rating", "rating_count"]
Servers = tuple[SearchClient, Running, Running]
"""A client of the node, the node, the sidecar."""
WAYS = {"plain": "_none", "off": "off", "no rule": "on", "rules": "on"}


def products() -> str:
    """Bulk lines."""
    random = Random(1)
    lines = []
    for number in range(DOCUMENTS):
        product = {
            "title": f"product {number} "
            + " ".join(random.choices(["red", "light", "warm", "trail", "set"], k=6)),
            "description": " ".join(
                random.choices(["soft", "made", "for", "every", "day", "and", "night"], k=60)
            ),
            "brand": f"Brand {random.randrange(60)}",
            "color": random.choice(["red", "blue", "green"]),
            "category": f"Category {number % CATEGORIES}",
            "price": round(random.uniform(5, 300), 2),
            "stock": random.randrange(20),
            "rating": round(random.uniform(1, 5), 1),
            "rating_count": random.randrange(900),
        }
        lines += [json.dumps({"index": {"_id": f"p{number}"}}), json.dumps(product)]
    return "\n".join(lines) + "\n"


def rules() -> list[dict[str, Any]]:
    """Three for each of half of the categories."""
    return [
        {
            "id": f"page-{number}",
            "when": {"browse": True, "filter": {"category": f"Category {number}"}},
            "then": [
                {"diversify": {"first": 12, "max_per_field": {"brand": 2}}},
                {"pin": {"id": f"p{number + 5 * CATEGORIES}", "position": 1}},
                {"boost": {"filter": "rating > 4", "weight": 1.5}},
            ],
        }
        for number in range(0, CATEGORIES, 2)
    ]


def others() -> list[dict[str, Any]]:
    """1,000 rules for pages that nobody looks at."""
    return [
        {
            "id": f"other-{number}",
            "when": {"browse": True, "filter": {"category": f"Elsewhere {number}"}},
            "then": [{"pin": {"id": f"p{number}", "position": 1}}],
        }
        for number in range(RULES)
    ]


def fill(client: SearchClient) -> None:
    """The index and the two pipelines."""
    words = {"type": "text", "fields": {"keyword": {"type": "keyword"}}}
    mapping = {"properties": {"category": {"type": "keyword"}, "brand": words}}
    client.ok("PUT", f"/{INDEX}", {"settings": {"number_of_replicas": 0}, "mappings": mapping})
    client.ok("POST", f"/{INDEX}/_bulk", content=products().encode(), refresh="true")
    for name, browse in (("on", True), ("off", False)):
        window = {"window": 100, "fields": FIELDS, "browse": browse}
        body: dict[str, Any] = {
            "request_processors": [{"reshelf_window": window}],
            "response_processors": [{"reshelf": {}}],
        }
        client.ok("PUT", f"/_search/pipeline/{name}", body)


def processor_seconds(server: Running) -> float:
    """Of the process and those below it."""
    assert server.service.record is not None
    process = psutil.Process(server.service.record.pid)
    return sum(
        one.cpu_times().user + one.cpu_times().system for one in [process, *process.children(recursive=True)]
    )


def of_category(way: str, number: int) -> int:
    """Even ones have rules."""
    return 2 * (number % (CATEGORIES // 2)) + (way != "rules")


def measure(
    servers: Servers, ways: Mapping[str, str] = WAYS, category_of: Callable[[str, int], int] = of_category
) -> None:
    """Prints a line for each way; `ways` names each one's pipeline."""
    client, node, sidecar = servers
    walls: dict[str, list[float]] = defaultdict(list)
    spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def search(way: str, number: int) -> float:
        category = f"Category {category_of(way, number)}"
        body = {"query": {"bool": {"filter": [{"term": {"category": category}}]}}, "size": 24}
        begin = time.perf_counter()
        answer = client.search(INDEX, body, search_pipeline=ways[way])
        took = time.perf_counter() - begin
        assert answer.status == 200, answer.body
        return took

    for number in range(WARM):
        for way in ways:
            search(way, number)
    for block in range(BLOCKS):
        for way in ways:
            before = processor_seconds(node), processor_seconds(sidecar)
            walls[way] += [search(way, block * BLOCK + number) for number in range(BLOCK)]
            for at, server in enumerate((node, sidecar)):
                spent[way][at] += processor_seconds(server) - before[at]
    print("| | wall p50 | p90 | node | sidecar |\n|---|---|---|---|---|")
    for way in ways:
        cuts = statistics.quantiles(walls[way], n=10)
        node_ms, sidecar_ms = (1000 * one / len(walls[way]) for one in spent[way])
        print(f"| {way} | {1000 * cuts[4]:.1f} | {1000 * cuts[8]:.1f} | {node_ms:.1f} | {sidecar_ms:.1f} |")


@contextmanager
def serving(*rules: dict[str, Any]) -> Iterator[Servers]:
    """Both servers, with these rules and those for other pages."""
    plugin = build_plugin().zip
    with tempfile.TemporaryDirectory(prefix="reshelf-browse-") as made:
        folder = Path(made)
        rule_set = RuleSet.of(Rule.model_validate(rule) for rule in [*rules, *others()])
        FolderReleases(folder / "rules").publish(rule_set.to_json(), who="a", why="b", expected=0)
        settings = {
            "scorer": {"kind": "order"},
            "store": {"kind": "memory"},
            "rules": {"kind": "folder", "folder": {"path": str(folder / "rules")}},
        }
        http_port = free_port()
        node = OpenSearchNode(
            folder / "node",
            plugins=[plugin],
            name="one",
            cluster="browse-cost",
            http_port=http_port,
            transport_port=free_port({http_port}),
            heap="768m",
        )
        with SidecarProcess(folder / "sidecar", settings=settings) as sidecar, node:
            client = SearchClient(node.url)
            fill(client)
            client.settings(reshelf__targets=[sidecar.grpc_address], reshelf__deadline="2s")
            page = {"query": {"term": {"category": "Category 0"}}, "ext": {"reshelf": {}}}
            wait_until(
                lambda: client.search(INDEX, page, search_pipeline="on").report["reranked"],
                60,
                what="rules on a category page",
            )
            yield client, node, sidecar
            client.close()


if __name__ == "__main__":
    with serving(*rules()) as both:
        measure(both)
