"""The life of rules with a real OpenSearch: previewed, published, spread, whatever happens meanwhile."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from sidecar.cli.main import app
from sidecar.config.rules import RulesOpenSearch
from sidecar.opensearch.connection import connect
from sidecar.opensearch.product_index import product_index_body
from sidecar.opensearch.rule_releases import OpenSearchReleases
from sidecar.rules.release import Release
from sidecar.rules.release_chain import broken_links
from sidecar.stack.opensearch_node import OpenSearchNode
from sidecar.stack.sidecar_process import SidecarProcess
from tests.fixtures.plain_node import plain_node  # noqa: F401
from tests.fixtures.releases import text_of

pytestmark = pytest.mark.stack

SPREADS_WITHIN = 2.0
HIDE = "rules:\n  - id: hide-p1\n    then: [{hide: {ids: [p1]}}]\n"
PIN = (
    "rules:\n  - id: pin-p3\n    when: {query: {contains: shoe}}\n    then: [{pin: {id: p3, position: 1}}]\n"
)
BRING = "rules:\n  - id: bring\n    then: [{pin: {id: other, position: 2, on_missing: fetch}}]\n"

PUBLISHER = """
import sys
from sidecar.config.rules import RulesOpenSearch
from sidecar.opensearch.rule_releases import OpenSearchReleases
store = OpenSearchReleases(RulesOpenSearch(url=sys.argv[1], index=sys.argv[2]))
newest = store.latest()
number = newest.number if newest else 0
print("begin", flush=True)
while True:
    store.publish('{"format":1,"rules":[]}' + " " * 300_000, who="a", why="b", expected=number)
    number += 1
"""


class Shop:
    """A shop with an index, a folder of rules, and settings that sidecars and commands share."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.index = f"shop-{secrets.token_hex(4)}"
        self.rules = folder / "rules"
        self.rules.mkdir()
        self.published = f"rules-{secrets.token_hex(4)}"
        self.settings: dict[str, Any] = {
            "scorer": {"kind": "order"},
            "state_folder": str(folder / "state"),
            "rules": {
                "kind": "opensearch",
                "opensearch": {"url": url, "index": self.published},
            },
            "served": {"kind": "sqlite"},
            "profiles": {"folder": str(Path(__file__).parents[2] / "plugin_config" / "profiles")},
        }
        self.config = folder / "sidecar.yml"
        self.config.write_text(yaml.safe_dump(self.settings))

    def write(self, text: str) -> None:
        (self.rules / "r.yml").write_text(text)

    def run(self, *arguments: str, code: int = 0) -> str:
        options = ("--config", str(self.config))
        environment = {"COLUMNS": "200", "NO_COLOR": "1", "RESHELF_OPENSEARCH": self.url}
        found = CliRunner().invoke(app, ["rules", *arguments, *options], env=environment)
        assert found.exit_code == code, found.output
        return found.output

    def publish(self, why: str = "test") -> None:
        self.run("publish", "--dir", str(self.rules), "--why", why, "--as", "anna")

    def preview(self, *arguments: str, code: int = 0) -> str:
        options = ("--dir", str(self.rules), "--index", self.index, "--opensearch", self.url)
        return self.run("preview", *arguments, *options, code=code)

    @property
    def releases(self) -> OpenSearchReleases:
        return OpenSearchReleases(RulesOpenSearch(url=self.url, index=self.published))


@pytest.fixture
def shop(plain_node: OpenSearchNode, tmp_path: Path) -> Iterator[Shop]:  # noqa: F811
    made = Shop(tmp_path, plain_node.url)
    client = connect(plain_node.url)
    client.indices.create(index=made.index, body=product_index_body())
    for name, title in (("p1", "red shoe"), ("p2", "red red shoe"), ("p3", "shoe"), ("other", "a hat")):
        image = f"https://shop.example/{name}.jpg"
        client.index(index=made.index, id=name, body={"title": title, "image": image})
    client.indices.refresh(index=made.index)
    yield made
    client.indices.delete(index=f"{made.index},{made.published}", params={"ignore_unavailable": "true"})
    client.close()


def test_a_draft_is_previewed_against_what_is_live(shop: Shop, tmp_path: Path) -> None:
    shop.write(HIDE)
    shop.publish()
    shop.write(PIN)
    page = tmp_path / "preview.html"
    told = json.loads(shop.preview("red shoe", "hat", "--json", "--html", str(page)))
    assert told["live"].startswith("1@")
    changed, still = told["queries"]
    assert (changed["query"], still["query"], told["changed"]) == ("red shoe", "hat", 1)
    assert [hit["id"] for hit in changed["live"]["hits"]] == ["p2", "p3"]
    assert [hit["id"] for hit in changed["draft"]["hits"]] == ["p3", "p1", "p2"] or [
        hit["id"] for hit in changed["draft"]["hits"]
    ] == ["p3", "p2", "p1"]
    assert changed["draft"]["hits"][0]["rules"][0]["rule"] == "pin-p3"
    assert [hit["id"] for hit in changed["live"]["hidden"]] == ["p1"]
    text = page.read_text()
    assert "red shoe" in text
    assert "pinned · pin-p3" in text
    output = shop.preview("red shoe")
    assert "1 of 1 queries change" in output
    assert "pinned by pin-p3" in output


def test_a_category_page_is_previewed(shop: Shop) -> None:
    """What the page's filters keep out is not brought in, as in a search."""
    client = connect(shop.url)
    for name in ("cap", "bowler"):
        body = {"title": f"a {name}", "category": ["Hats"]}
        client.index(index=shop.index, id=name, body=body, params={"refresh": "true"})
    client.close()
    shop.write(
        "rules:\n  - id: hats-page\n    when: {browse: true, filter: {category: hats}}\n    then:\n"
        "      - pin: {id: other, position: 1, on_missing: fetch}\n"
        "      - pin: {id: bowler, position: 2}\n"
    )
    told = json.loads(shop.preview("", "cap", "--filter", "category=Hats", "--json"))
    by_query = {found["query"]: found for found in told["queries"]}
    assert [hit["id"] for hit in by_query[""]["live"]["hits"]] == ["cap", "bowler"]
    assert [hit["id"] for hit in by_query[""]["draft"]["hits"]] == ["bowler", "cap"]
    assert not by_query["cap"]["changed"]
    assert told["context"] == "category: Hats"
    assert "FIELD=VALUE" in shop.preview("", "--filter", "Hats", code=2)


def test_a_document_that_the_window_lacks_is_brought_in(shop: Shop) -> None:
    shop.write(BRING)
    told = json.loads(shop.preview("shoe", "--json"))
    assert told["live"] == "no rules"
    brought = told["queries"][0]["draft"]["hits"][1]
    assert (brought["id"], brought["title"], brought["fetched"]) == ("other", "a hat", True)


def test_queries_of_a_file_and_of_ubi(shop: Shop, tmp_path: Path) -> None:
    shop.write(PIN)
    file = tmp_path / "queries.txt"
    file.write_text("shoe\nhat\nshoe\n")
    told = json.loads(shop.preview("--queries", str(file), "--top", "1", "--json"))
    assert [one["query"] for one in told["queries"]] == ["shoe"]
    assert "which queries?" in shop.preview(code=1)
    client = connect(shop.url)
    try:
        for query in ("hat", "hat", "shoe"):
            client.index(index="ubi_queries", body={"user_query": query}, params={"refresh": "true"})
        told = json.loads(shop.preview("--top", "1", "--json"))
        assert [one["query"] for one in told["queries"]] == ["hat"]
    finally:
        client.indices.delete(index="ubi_queries")
        client.close()


def test_a_publisher_that_is_killed_leaves_whole_versions(shop: Shop) -> None:
    for round_ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, shop.url, shop.published], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1 + 0.15 * round_)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    history = shop.releases.history(10_000)
    assert history
    assert all(isinstance(one, Release) for one in history)
    assert broken_links(history) == {}
    release = shop.releases.publish(text_of("r"), who="a", why="go on", expected=len(history))
    assert shop.releases.latest() == release


def version_of(sidecar: SidecarProcess, query: str = "shoe") -> tuple[str, list[int]]:
    """The rules that a search was arranged by, and the ranks of its hits."""
    body = {
        "query": {"text": query, "index": "shop"},
        "candidates": [{"id": f"p{rank}", "score": 9 - rank} for rank in range(1, 4)],
    }
    answer = httpx.post(f"{sidecar.http_url}/v1/rerank", json=body, timeout=10)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    order = told.get("ranked") or [hit["rank"] for hit in told["hits"]]
    return told.get("versions", {}).get("rules", ""), list(order)


def seconds_until(sidecars: list[SidecarProcess], number: int) -> float:
    """How long it takes until all are at a version."""
    begin = time.monotonic()
    while time.monotonic() - begin < 15:
        if all(version_of(one)[0].startswith(f"{number}@") for one in sidecars):
            return time.monotonic() - begin
        time.sleep(0.02)
    raise AssertionError(f"not all at version {number}: {[version_of(one)[0] for one in sidecars]}")


def test_a_version_spreads_to_all_sidecars_and_survives_restarts(shop: Shop, tmp_path: Path) -> None:
    shop.write(HIDE)
    shop.publish()
    settings = {key: value for key, value in shop.settings.items() if key != "state_folder"}
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(SidecarProcess(tmp_path, name=name, settings=settings))
            for name in ("one", "two")
        )
        assert version_of(one)[0].startswith("1@")
        assert version_of(one)[1] == version_of(two)[1] == [2, 3, 1]
        shop.write(PIN)
        shop.publish()
        assert seconds_until([one, two], 2) < SPREADS_WITHIN
        assert version_of(one)[1] == [3, 1, 2]
        shop.run("rollback", "--why", "back", "--as", "anna")
        assert seconds_until([one, two], 3) < SPREADS_WITHIN
        assert version_of(two)[1] == [2, 3, 1]
    # A start while OpenSearch is away: the last good version counts.
    away = {**settings, "rules": {"kind": "opensearch", "opensearch": {"url": "http://127.0.0.1:9"}}}
    with SidecarProcess(tmp_path, name="one", settings=away) as again:
        version, order = version_of(again)
        assert version.startswith("3@")
        assert order == [2, 3, 1]
