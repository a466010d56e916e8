"""The first stage's query: BM25 over a product's fields, tuned once and used everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from sidecar.domain.search import FieldFilter

# How they were chosen, and what they are worth: docs/evaluation.md.
TUNED_TYPE = "most_fields"
TUNED_WEIGHTS: Mapping[str, float] = {
    "title": 1.0,
    "brand": 0.9,
    "color": 0.08,
    "bullet_points": 0.06,
    "description": 0.04,
}


def bm25_query(
    text: str, weights: Mapping[str, float] = TUNED_WEIGHTS, kind: str = TUNED_TYPE, **options: Any
) -> dict[str, Any]:
    """A `multi_match` for the words of a shopper; `weights` are field boosts, 0 leaves a field out."""
    fields = [f"{name}^{weight:g}" for name, weight in weights.items() if weight > 0]
    return {"multi_match": {"query": text, "type": kind, "fields": fields, **options}}


def restricted(query: Mapping[str, Any], filters: Sequence[FieldFilter]) -> dict[str, Any]:
    """A query under filters. A field that holds words has its values in a part called `keyword`."""
    return {"bool": {"must": [query], "filter": [_allows(one) for one in filters]}}


def _allows(one: FieldFilter) -> dict[str, Any]:
    parts = [{"terms": {name: list(one.values)}} for name in (one.field, f"{one.field}.keyword")]
    return {"bool": {"should": parts, "minimum_should_match": 1}}
