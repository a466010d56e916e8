"""A node of their own: these tests create, replace and remove the pipeline that others search through."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch
from typer.testing import CliRunner, Result

from sidecar.cli.main import app
from sidecar.opensearch.connection import connect
from sidecar.opensearch.search_pipeline import remove_pipeline
from sidecar.shop.shop import Shop, make_shop
from sidecar.stack.opensearch_node import OpenSearchNode
from tests.fixtures.fake_sidecar import FakeSidecar

Reshelf = Callable[..., Result]


@pytest.fixture(scope="session")
def shop_node(tmp_path_factory: pytest.TempPathFactory, plugin_zip: Path) -> Iterator[OpenSearchNode]:
    folder = tmp_path_factory.mktemp("shop-node")
    settings = {
        "reshelf.breaker.cooldown": "200ms",
        "reshelf.health.interval": "200ms",
        # The sidecars of these tests answer at once; how late an answer may be is other tests' matter.
        "reshelf.deadline": "5s",
    }
    with OpenSearchNode(folder, plugins=[plugin_zip], settings=settings, heap="512m") as node:
        yield node


@pytest.fixture
def client(shop_node: OpenSearchNode) -> Iterator[OpenSearch]:
    """A client of an empty node."""
    client = connect(shop_node.url)
    yield client
    remove_pipeline(client)
    for index in client.indices.get(index="*", params={"expand_wildcards": "all"}):
        client.indices.delete(index=index)
    client.close()


@pytest.fixture
def sidecar(client: OpenSearch, fake_sidecar: FakeSidecar) -> FakeSidecar:
    """The sidecar that the node asks; keeps the order until a test says otherwise."""
    fake_sidecar.start()
    fake_sidecar.serving(True)
    fake_sidecar.reset()
    client.cluster.put_settings(body={"transient": {"reshelf.targets": [fake_sidecar.address]}})
    return fake_sidecar


@pytest.fixture
def reshelf(shop_node: OpenSearchNode, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Reshelf:
    """Run the command `reshelf` against the node, with a state folder of the test's own."""
    monkeypatch.setenv("RESHELF_OPENSEARCH", shop_node.url)
    monkeypatch.setenv("RESHELF_STATE", str(tmp_path / "state"))

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)

    return run


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return make_shop(tmp_path_factory.mktemp("shop"), products=600)


@pytest.fixture
def products(tmp_path: Path) -> Callable[..., Path]:
    """Write a JSON-lines file of documents, or of raw lines."""

    def write(*rows: dict[str, Any] | str, name: str = "products.jsonl") -> Path:
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
