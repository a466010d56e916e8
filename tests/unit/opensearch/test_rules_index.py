"""What rules learn of an index, without a cluster: fields, values, the query that narrows down."""

from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.opensearch.rules_index import RulesIndex, field_values
from sidecar.rules.expression.compiled import compile_filter

MAPPINGS = {
    "one": {
        "properties": {
            "title": {"type": "text"},
            "brand": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
            "sku": {"type": "keyword", "doc_values": False},
            "price": {"type": "scaled_float"},
            "hidden": {"type": "long", "index": False},
            "vendor": {"properties": {"name": {"type": "keyword"}}},
            "point": {"type": "geo_point"},
        }
    },
    "two": {"properties": {"released": {"type": "date_nanos"}, "flag": {"type": "boolean"}}},
}


class Client:
    """Answers for the mapping, and for the values of a keyword."""

    def __init__(self) -> None:
        self.indices = SimpleNamespace(
            get_mapping=lambda index: {name: {"mappings": said} for name, said in MAPPINGS.items()}
        )

    def search(self, *, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        assert "aggs" in body
        field = body["aggs"]["values"]["composite"]["sources"][0]["value"]["terms"]["field"]
        values = {"brand.raw": ["Étam", "ACME", "Foxmoor"], "vendor.name": ["V1"]}[field]
        return {
            "aggregations": {"values": {"buckets": [{"key": {"value": v}, "doc_count": 1} for v in values]}}
        }


def view() -> RulesIndex:
    client: Any = Client()
    return RulesIndex(client, "one,two", ["title"], 1_790_000_000.0)


def test_fields_of_all_indices_behind_a_name() -> None:
    assert view().mapping() == {
        **dict.fromkeys(("title", "brand", "sku", "vendor.name"), "text"),
        **dict.fromkeys(("price", "hidden"), "number"),
        "released": "date",
        "flag": "flag",
    }


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ({"a": {"b": 1}}, [1]),
        ({"a.b": "x"}, ["x"]),
        ({"a": [{"b": 1}, {"b": [2, [3]]}, {"c": 4}]}, [1, 2, 3]),
        ({"a": {"b": None}}, []),
        ({"a": {"b": {"c": 1}}}, []),
        ({"a": 5}, []),
        ({}, []),
        ([], []),
        (None, []),
    ],
)
def test_a_documents_values(source: Any, values: list[Any]) -> None:
    assert field_values(source, "a.b") == values


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("brand == 'etam'", {"terms": {"brand.raw": ["Étam"]}}),
        ("brand in ['acme', 'FOXMOOR']", {"terms": {"brand.raw": ["ACME", "Foxmoor"]}}),
        ("brand == 'nobody'", {"match_none": {}}),
        ("brand matches '^.o'", {"terms": {"brand.raw": ["Foxmoor"]}}),
        ("vendor.name starts_with 'v'", {"terms": {"vendor.name": ["V1"]}}),
        ("title contains 'x'", {"match_all": {}}),
        ("sku == 'x'", {"match_all": {}}),
        ("price > 100", {"range": {"price": {"gte": 98.8}}}),
        ("price == 0", {"range": {"price": {"gte": -1.0, "lte": 1.0}}}),
        ("hidden == 0", {"match_all": {}}),
        ("price * 2 > 3", {"match_all": {}}),
        ("not brand == 'etam'", {"match_all": {}}),
        ("released > now()", {"match_all": {}}),
        (
            "brand == 'acme' and (flag or false)",
            {
                "bool": {
                    "filter": [
                        {"terms": {"brand.raw": ["ACME"]}},
                        {
                            "bool": {
                                "should": [{"match_all": {}}, {"match_none": {}}],
                                "minimum_should_match": 1,
                            }
                        },
                    ]
                }
            },
        ),
    ],
)
def test_a_query_that_every_matching_document_meets(text: str, query: dict[str, Any]) -> None:
    assert view().wide_query(compile_filter(text).node) == query
