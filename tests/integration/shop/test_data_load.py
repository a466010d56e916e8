"""`reshelf data load` on a real node."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch

from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.loading import load_products
from sidecar.opensearch.product import Product, check_product
from sidecar.opensearch.query import bm25_query
from sidecar.opensearch.search_pipeline import show_pipeline
from sidecar.shop.shop import Shop
from tests.integration.shop.conftest import Reshelf

pytestmark = pytest.mark.stack

Write = Callable[..., Path]
DEFAULT = "index.search.default_pipeline"


def titled(**titles: str) -> list[dict[str, Any]]:
    return [{"product_id": name, "title": title} for name, title in titles.items()]


def rows(**titles: str) -> list[Product]:
    return [row for n, d in enumerate(titled(**titles), 1) if isinstance(row := check_product(n, d), Product)]


def found(client: OpenSearch, index: str, text: str) -> set[str]:
    answer = client.search(index=index, body={"query": bm25_query(text)}, params={"search_pipeline": "_none"})
    return {hit["_id"] for hit in answer["hits"]["hits"]}


def setting(client: OpenSearch, index: str, name: str = DEFAULT) -> str | None:
    ((_, answer),) = client.indices.get_settings(index=index, params={"flat_settings": "true"}).items()
    value: str | None = answer["settings"].get(name)
    return value


def names(client: OpenSearch) -> list[str]:
    return sorted(client.indices.get(index="*", params={"expand_wildcards": "all"}))


def test_the_shop_is_loaded_with_its_pipeline(client: OpenSearch, reshelf: Reshelf, small_shop: Shop) -> None:
    result = reshelf("data", "load", "--products", small_shop.products, "--index", "shop", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "index": "shop",
        "loaded": 600,
        "refused": 0,
        "pipeline": "reshelf",
        "refusals": [],
    }
    assert client.count(index="shop")["count"] == 600
    assert setting(client, "shop") == "reshelf"
    assert names(client) == ["shop"], "nothing else is left behind"
    fields = client.search_pipeline.get(id="reshelf")["reshelf"]["request_processors"][0]["reshelf_window"]
    assert fields["fields"] == [
        *("title", "brand", "color", "category", "price", "rating"),
        *("stock", "rating_count"),  # which layout rules read
    ]
    types = client.indices.get_mapping(index="shop")["shop"]["mappings"]["properties"]
    kinds = {name: types[name]["type"] for name in ("title", "brand", "price", "stock", "locale")}
    assert kinds == {
        "title": "text",
        "brand": "text",
        "price": "double",
        "stock": "long",
        "locale": "keyword",
    }
    assert types["brand"]["fields"]["keyword"]["type"] == "keyword"


def test_without_a_pipeline(client: OpenSearch, reshelf: Reshelf, products: Write) -> None:
    result = reshelf(
        "data", "load", "--products", products(*titled(a="x")), "--index", "bare", "--no-pipeline"
    )
    assert result.exit_code == 0
    assert setting(client, "bare") in (None, "_none")
    assert show_pipeline(client).body is None


def test_bad_rows_are_named_and_good_ones_are_there(
    client: OpenSearch, reshelf: Reshelf, products: Write
) -> None:
    path = products(
        *titled(a="x"),
        "nope",
        {"product_id": "b", "title": "x", "price": "9"},
        *titled(a="again"),
        {"product_id": "c", "title": "x", "own": {"nested": 1}},
        {"product_id": "d", "title": "x", "own": "text"},
    )
    result = reshelf("data", "load", "--products", path, "--index", "some", "--no-pipeline")
    assert result.exit_code == 1
    assert "products.jsonl:2: not JSON" in result.stderr
    assert "products.jsonl:3 (b): `price`" in result.stderr
    assert "products.jsonl:4 (a): `product_id`: already in row 1" in result.stderr
    assert "products.jsonl:6 (d): OpenSearch refused it" in result.stderr
    assert "2 products in `some`" in result.stdout
    assert client.count(index="some")["count"] == 2


def test_strict_loads_all_or_nothing(client: OpenSearch, reshelf: Reshelf, products: Write) -> None:
    bad = products(*titled(a="x"), "nope")
    result = reshelf("data", "load", "--products", bad, "--index", "strict", "--strict", "--no-pipeline")
    assert result.exit_code == 1
    assert "products.jsonl:2" in result.stderr
    assert names(client) == []


def test_loading_again_updates_and_keeps_the_rest(
    client: OpenSearch, reshelf: Reshelf, products: Write
) -> None:
    load_products(client, rows(a="red shoe", b="blue shoe"), "shop")
    result = reshelf("data", "load", "--products", products(*titled(b="green hat")), "--index", "shop")
    assert result.exit_code == 0
    assert found(client, "shop", "shoe") == {"a"}
    assert found(client, "shop", "hat") == {"b"}
    assert setting(client, "shop") == "reshelf"


def test_replace_switches_and_keeps_the_aliases(
    client: OpenSearch, reshelf: Reshelf, products: Write
) -> None:
    load_products(client, rows(a="red shoe", b="blue shoe"), "shop")
    client.indices.put_alias(index="shop", name="everything")
    path = products(*titled(c="green shoe"))
    result = reshelf("data", "load", "--products", path, "--index", "shop", "--replace")
    assert result.exit_code == 0
    assert found(client, "everything", "shoe") == {"c"}
    assert setting(client, "shop") == "reshelf"
    assert setting(client, "shop", "index.blocks.write") in (None, "false")


def test_replacing_behind_an_alias_moves_the_alias(
    client: OpenSearch, reshelf: Reshelf, products: Write
) -> None:
    load_products(client, rows(a="red shoe"), "shop-1")
    client.indices.put_alias(index="shop-1", name="shop")
    path = products(*titled(b="green shoe"))
    result = reshelf("data", "load", "--products", path, "--index", "shop", "--replace")
    assert result.exit_code == 0, result.output
    assert found(client, "shop", "shoe") == {"b"}
    assert "shop-1" not in names(client)
    assert len(names(client)) == 1


def test_an_alias_of_several_indices_is_not_guessed_about(client: OpenSearch) -> None:
    for index in ("shop-1", "shop-2"):
        load_products(client, rows(a="red shoe"), index)
        client.indices.put_alias(index=index, name="shop")
    with pytest.raises(ClusterError, match="alias of 2 indices"):
        load_products(client, rows(b="x"), "shop", replace=True)
    assert names(client) == ["shop-1", "shop-2"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_load_leaves_what_was_there(
    client: OpenSearch, interruption: type[BaseException]
) -> None:
    def interrupted() -> Iterator[Product]:
        for number in range(1200):  # more than one bulk request
            yield Product(number, str(number), {"product_id": str(number), "title": "new shoe"})
        raise interruption

    with pytest.raises(interruption):
        load_products(client, interrupted(), "fresh")
    assert names(client) == []

    load_products(client, rows(a="old shoe"), "shop")
    with pytest.raises(interruption):
        load_products(client, interrupted(), "shop", replace=True)
    assert names(client) == ["shop"]
    assert found(client, "shop", "shoe") == {"a"}


def test_interrupted_while_the_index_is_made(client: OpenSearch, monkeypatch: pytest.MonkeyPatch) -> None:
    create = client.indices.create

    def interrupted(**options: Any) -> None:
        create(**options)
        raise KeyboardInterrupt

    monkeypatch.setattr(client.indices, "create", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_products(client, rows(a="x"), "fresh")
    assert names(client) == []


def test_the_name_appears_when_the_index_is_complete(client: OpenSearch) -> None:
    seen: list[bool] = []

    def watched() -> Iterator[Product]:
        for number in range(1200):
            if number % 600 == 599:
                seen.append(bool(client.indices.exists(index="shop")))
            yield Product(number, str(number), {"product_id": str(number), "title": "shoe"})

    load_products(client, watched(), "shop")
    assert seen == [False, False]
    assert client.count(index="shop")["count"] == 1200


def test_an_impossible_name_is_told(reshelf: Reshelf, client: OpenSearch, products: Write) -> None:
    result = reshelf("data", "load", "--products", products(*titled(a="x")), "--index", "SHOP")
    assert result.exit_code == 1
    assert "must be lowercase" in result.stderr


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("couches", {"en"}),
        ("COUCH", {"en"}),
        ("men's", {"mens"}),
        ("沙发", {"zh"}),
        ("丝绒沙发", {"zh"}),
        ("沙", {"zh"}),
        ("发沙", set()),
        ("ＬＥＤ", {"wide"}),
    ],
)
def test_words_are_found_as_shoppers_write_them(client: OpenSearch, query: str, expected: set[str]) -> None:
    texts = rows(en="Velvet couch", zh="栖木家 丝绒三人沙发", mens="Men's socks", wide="LED lamp")
    load_products(client, texts, "words")
    assert found(client, "words", query) == expected
