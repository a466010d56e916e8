"""`reshelf vocabulary build` on a real node, and the vocabulary that `reshelf data load` builds."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from opensearchpy import OpenSearch

from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.vocabulary_source import VocabularyFields, read_index
from sidecar.ranking.understanding.harvest import Harvest, count_values
from sidecar.ranking.understanding.vocabulary_folder import current_version, indices
from sidecar.shop.shop import Shop, invent_shop
from tests.integration.shop.conftest import Reshelf

pytestmark = pytest.mark.stack

Write = Callable[..., Path]


def test_loading_builds_a_vocabulary_that_says_what_the_products_say(
    client: OpenSearch, reshelf: Reshelf, small_shop: Shop, tmp_path: Path
) -> None:
    loaded = reshelf("data", "load", "--products", small_shop.products, "--index", "shop", "--no-pipeline")
    assert loaded.exit_code == 0, loaded.output
    folder = tmp_path / "state" / "vocabularies"
    version = current_version(folder / "shop")
    assert version.startswith("000001-")
    assert version in loaded.stderr

    # What is read from the index is what is read from the products themselves.
    documents = [made.document for made in invent_shop(products=600)[0]]
    harvest, report = read_index(client, "shop", VocabularyFields())
    assert report.documents == 600
    assert report.passed_over == {}
    expected = Harvest(
        {kind: count_values(_values(documents, name)) for kind, name in VocabularyFields().of_kind().items()}
    )
    for document in documents:
        brands = [document["brand"]] if document["brand"] else []
        expected.read(document["title"], brands, document["category"])
    assert harvest.names() == expected.names()
    assert harvest.words() == expected.words()

    again = json.loads(reshelf("vocabulary", "build", "--index", "shop", "--json").stdout)
    assert (again["version"], again["reused"], again["documents"]) == (version, True, 600)
    told = json.loads(reshelf("vocabulary", "explain", "foxmor sandals", "--json").stdout)
    assert told["vocabulary"] == version
    assert told["entities"][0]["value"] == "foxmoor"


def test_loading_without_a_vocabulary(
    client: OpenSearch, reshelf: Reshelf, products: Write, tmp_path: Path
) -> None:
    path = products({"product_id": "a", "title": "shoe"})
    result = reshelf("data", "load", "--products", path, "--index", "x", "--no-pipeline", "--no-vocabulary")
    assert result.exit_code == 0
    assert indices(tmp_path / "state" / "vocabularies") == []


def test_fields_of_ones_own_and_fields_that_are_not_there(client: OpenSearch, reshelf: Reshelf) -> None:
    body = {
        "mappings": {
            "properties": {
                "name": {"type": "text"},
                "maker": {"properties": {"label": {"type": "keyword"}}},
                "shade": {"type": "text"},
            }
        }
    }
    client.indices.create(index="own", body=body)
    for number in range(3):
        document = {"name": f"Zorblax lamp {number}", "maker": {"label": "Zorblax"}, "shade": "red"}
        client.index(index="own", body=document)
    client.indices.refresh(index="own")
    fields = ["--title-field", "name", "--brand-field", "maker.label", "--color-field", "shade"]
    result = reshelf("vocabulary", "build", "--index", "own", *fields, "--category-field", "", "--json")
    told = json.loads(result.stdout)
    assert told["values"] == {"brand": 1}
    assert "shade" in told["passed_over"]["color"]
    names = json.loads(reshelf("vocabulary", "show", "--json").stdout)["names"]
    assert [(name["phrase"], name["products"], name["confidence"]) for name in names] == [("zorblax", 3, 1.0)]

    refused = reshelf("vocabulary", "build", "--index", "own")
    assert refused.exit_code == 1
    assert "no field `title`" in refused.stderr
    assert "maker, name, shade" in refused.stderr


def test_an_index_that_is_not_there(client: OpenSearch) -> None:
    with pytest.raises(ClusterError, match="no index `nowhere`"):
        read_index(client, "nowhere", VocabularyFields())


def _values(documents: list[dict], name: str) -> list[str]:
    found = [document[name] for document in documents]
    return [value for values in found for value in ([values] if isinstance(values, str) else values)]
