"""`reshelf rules lint` against a real index."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from opensearchpy import OpenSearch

from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.rules_index import RulesIndex
from sidecar.rules.expression.compiled import compile_filter
from tests.integration.shop.conftest import Reshelf

pytestmark = pytest.mark.stack

Write = Callable[..., Path]

MAPPING = {
    "properties": {
        "title": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
        "brand": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
        "sku": {"type": "keyword"},
        "text": {"type": "text"},
        "price": {"type": "long"},
        "released": {"type": "date"},
        "in_stock": {"type": "boolean"},
        "vendor": {"properties": {"name": {"type": "keyword"}}},
        "place": {"type": "geo_point"},
    }
}
FIELDS = ("title", "brand", "sku", "text", "price", "released", "in_stock", "vendor.name")
NOW = 1_790_000_000.0


@pytest.fixture
def index(client: OpenSearch) -> str:
    """Sixty documents; the last is the one that is asked for."""
    client.indices.create(index="rules-shop", body={"mappings": MAPPING})
    lines: list[object] = []
    for number in range(60):
        last = number == 59
        lines += [
            {"index": {"_index": "rules-shop", "_id": f"P{number}"}},
            {
                "title": f"Shoe {number}",
                "brand": "Étam" if last else "Acme",
                "sku": f"AB-{number:03}",
                "text": "green" if last else "red",
                "price": 19.99 if last else 5,
                "released": "2026-09-20" if last else "2020-01-01",
                "in_stock": last,
                "vendor": [{"name": f"V{number}"}],
            },
        ]
    client.bulk(body=lines, params={"refresh": "true"})
    return "rules-shop"


@pytest.mark.parametrize("most_read", [1000, 10])
def test_filters_on_a_whole_index_and_on_one_that_is_too_large_to_read(
    client: OpenSearch, index: str, most_read: int
) -> None:
    view = RulesIndex(client, index, FIELDS, NOW, most_read)
    assert view.mapping() == {
        **dict.fromkeys(("title", "brand", "sku", "text", "vendor.name"), "text"),
        "price": "number",
        "released": "date",
        "in_stock": "flag",
    }
    there = [
        "brand == 'etam'",
        "brand in ['x', 'ETAM'] and price > 19.5",
        "price == 19.99",
        "sku matches '-059$'",
        "title contains 'shoes 59'",
        "vendor.name == 'v59'",
        "in_stock and days_since(released) < 10",
        "not brand == 'acme'",
        "text == 'green'",
    ]
    for text in there:
        assert view.any_matches(compile_filter(text).node) is True, text
    for text in ("brand == 'Etams'", "price > 500 or sku starts_with 'XY'", "brand == 'acme' and price > 90"):
        assert view.any_matches(compile_filter(text).node) is False, text
    assert view.missing(["P1", "P60", "P59"]) == {"P60"}


def test_no_index(client: OpenSearch) -> None:
    with pytest.raises(ClusterError, match="there is no index `nothing`"):
        RulesIndex(client, "nothing", [], NOW).mapping()


def test_the_command(reshelf: Reshelf, index: str, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "a.yml").write_text(
        "rules:\n- id: a\n  then:\n  - boost: {filter: \"brand == 'Acma'\", weight: 2}\n"
        "  - pin: {id: P77, position: 1}\n  - bury: {filter: \"brannd == 'x'\", weight: 2}\n"
    )
    result = reshelf("rules", "lint", "--dir", folder, "--index", index, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    found = {(one["check"], one["line"]) for one in told["problems"] if one["check"] != "field-not-sent"}
    assert found == {("matches-nothing", 4), ("missing-product", 5), ("unknown-field", 6)}
