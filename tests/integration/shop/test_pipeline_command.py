"""`reshelf pipeline`: on and off in the order that keeps every search working."""

import json
import threading
from collections.abc import Iterator

import pytest
from opensearchpy import OpenSearch

from sidecar.opensearch.loading import load_products
from sidecar.opensearch.product import Product
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.integration.shop.conftest import Reshelf

pytestmark = pytest.mark.stack

DEFAULT = "index.search.default_pipeline"


@pytest.fixture
def shops(client: OpenSearch) -> list[str]:
    """Two indices without a pipeline."""
    for index in ("shop-1", "shop-2"):
        rows = [Product(n, str(n), {"product_id": str(n), "title": f"shoe {n}"}) for n in range(30)]
        load_products(client, rows, index)
    return ["shop-1", "shop-2"]


@pytest.fixture
def template(client: OpenSearch) -> Iterator[str]:
    """An index template that names the pipeline."""
    body = {
        "index_patterns": ["tpl-*"],
        "template": {"settings": {"index": {"search.default_pipeline": "reshelf"}}},
    }
    client.indices.put_index_template(name="shops", body=body)
    yield "shops"
    client.indices.delete_index_template(name="shops")


def default_of(client: OpenSearch, index: str) -> str | None:
    settings = client.indices.get_settings(index=index, params={"flat_settings": "true"})[index]["settings"]
    value: str | None = settings.get(DEFAULT)
    return value


def test_apply_alone_touches_no_index(client: OpenSearch, reshelf: Reshelf, shops: list[str]) -> None:
    result = reshelf("pipeline", "apply", "--window", 50, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["pipeline"], answer["indices"]) == ("reshelf", [])
    stored = client.search_pipeline.get(id="reshelf")["reshelf"]
    assert stored == answer["body"]
    assert stored["request_processors"][0]["reshelf_window"]["window"] == 50
    assert default_of(client, "shop-1") == "_none"


def test_apply_to_an_index_an_alias_or_a_pattern(
    client: OpenSearch, reshelf: Reshelf, shops: list[str]
) -> None:
    client.indices.put_alias(index="shop-1", name="front")
    assert json.loads(reshelf("pipeline", "apply", "--index", "front", "--json").stdout)["indices"] == [
        "shop-1"
    ]
    result = reshelf("pipeline", "apply", "--index", "shop-*", "--json")
    assert json.loads(result.stdout)["indices"] == shops
    assert [default_of(client, index) for index in shops] == ["reshelf", "reshelf"]


def test_applied_searches_are_reranked_and_removed_ones_are_not(
    client: OpenSearch, reshelf: Reshelf, shops: list[str], sidecar: FakeSidecar
) -> None:
    reshelf("pipeline", "apply", "--index", "shop-1")
    body = {"query": {"match": {"title": "shoe"}}, "ext": {"reshelf": {}}}
    assert "reshelf" in client.search(index="shop-1", body=body)["ext"]
    result = reshelf("pipeline", "remove")
    assert result.exit_code == 0
    assert "not in this cluster" in result.stdout
    assert "ext" not in client.search(index="shop-1", body=body)
    assert default_of(client, "shop-1") is None


def test_no_search_fails_while_it_is_taken_off(
    client: OpenSearch, reshelf: Reshelf, shops: list[str], sidecar: FakeSidecar
) -> None:
    stop, failed, searched = threading.Event(), [], []

    def shopper() -> None:
        while not stop.is_set():
            try:
                client.search(index="shop-1,shop-2", body={"query": {"match": {"title": "shoe"}}})
                client.search(index="shop-1", body={"query": {"match": {"title": "shoe"}}})
                searched.append(1)
            except Exception as error:  # noqa: BLE001, whatever it is, a shopper saw it
                failed.append(error)

    threads = [threading.Thread(target=shopper) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            assert reshelf("pipeline", "apply", "--index", "shop-*").exit_code == 0
            assert reshelf("pipeline", "remove").exit_code == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert len(searched) > 10


def test_removing_from_one_index_keeps_the_pipeline_for_the_others(
    client: OpenSearch, reshelf: Reshelf, shops: list[str]
) -> None:
    reshelf("pipeline", "apply", "--index", "shop-*")
    left = json.loads(reshelf("pipeline", "remove", "--index", "shop-1", "--json").stdout)
    assert left["indices"] == ["shop-2"]
    assert left["body"] is not None
    left = json.loads(reshelf("pipeline", "remove", "--index", "shop-2", "--json").stdout)
    assert (left["indices"], left["body"]) == ([], None)


def test_a_template_that_names_it_is_refused_before_anything_changes(
    client: OpenSearch, reshelf: Reshelf, shops: list[str], template: str
) -> None:
    reshelf("pipeline", "apply", "--index", "shop-1")
    result = reshelf("pipeline", "remove")
    assert result.exit_code == 1
    assert f"_index_template/{template}" in result.stderr
    assert default_of(client, "shop-1") == "reshelf"
    shown = json.loads(reshelf("pipeline", "show", "--json").stdout)
    assert shown["templates"] == [f"_index_template/{template}"]
    assert shown["indices"] == ["shop-1"]


def test_another_default_is_not_taken_away_silently(
    client: OpenSearch, reshelf: Reshelf, shops: list[str]
) -> None:
    client.search_pipeline.put(id="theirs", body={"response_processors": []})
    client.indices.put_settings(index="shop-1", body={DEFAULT: "theirs"})
    result = reshelf("pipeline", "apply", "--index", "shop-1")
    assert result.exit_code == 1
    assert "'theirs'" in result.stderr
    assert "--force" in result.stderr
    assert reshelf("pipeline", "apply", "--index", "shop-1", "--force").exit_code == 0
    assert default_of(client, "shop-1") == "reshelf"
    client.search_pipeline.delete(id="theirs")


def test_an_index_that_is_not_there(client: OpenSearch, reshelf: Reshelf) -> None:
    for command in ("apply", "remove"):
        result = reshelf("pipeline", command, "--index", "nowhere")
        assert result.exit_code == 1
        assert "no index is named `nowhere`" in result.stderr


def test_removing_what_is_not_there_is_no_error(client: OpenSearch, reshelf: Reshelf) -> None:
    assert reshelf("pipeline", "remove").exit_code == 0
    assert json.loads(reshelf("pipeline", "show", "--json").stdout)["body"] is None
