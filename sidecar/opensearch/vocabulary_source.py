"""Read from an index what a vocabulary is made of: values with their counts, and every title."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from opensearchpy import OpenSearch, helpers
from opensearchpy.exceptions import NotFoundError

from sidecar.domain.understanding import EntityKind
from sidecar.opensearch.connection import explained
from sidecar.opensearch.errors import ClusterError
from sidecar.ranking.understanding.harvest import Harvest

BUCKETS = 1000
PAGE = 1000
KEEP_ALIVE = "2m"
MOST_VALUES = 200_000
"""Of one field; the values that come later in alphabetical order are left out, which the report tells."""

AGGREGATED = ("keyword", "constant_keyword")


@dataclass(frozen=True)
class VocabularyFields:
    """The fields of an index that say what a product is called; "" for what it has not."""

    title: str = "title"
    brand: str = "brand"
    color: str = "color"
    category: str = "category"

    def of_kind(self) -> dict[EntityKind, str]:
        """The named fields of values, by kind."""
        found = {
            EntityKind.BRAND: self.brand,
            EntityKind.COLOR: self.color,
            EntityKind.CATEGORY: self.category,
        }
        return {kind: name for kind, name in found.items() if name}


@dataclass
class SourceReport:
    """What was read. `passed_over` says why a kind of name was not."""

    documents: int = 0
    values: dict[str, int] = field(default_factory=dict)
    passed_over: dict[str, str] = field(default_factory=dict)


def read_index(
    client: OpenSearch,
    index: str,
    fields: VocabularyFields,
    *,
    most_documents: int | None = None,
    on_documents: Callable[[int, int], None] | None = None,
) -> tuple[Harvest, SourceReport]:
    """What the products of an index or alias are called.

    Values are aggregated over a field's keyword part (`brand.keyword`, or `brand` where that is a keyword);
    titles are read page by page, as they are when the first one is read. `on_documents`
    is told how many are done, of how many. Raises ClusterError, also where the index has no such title field.
    """
    with explained(f"reading the vocabulary of `{index}`"):
        mappings = _mappings(client, index)
        if fields.title not in mappings:
            known = ", ".join(sorted(name for name in mappings if "." not in name)[:30]) or "none"
            raise ClusterError(
                f"`{index}` has no field `{fields.title}`. Name the field of titles with --title-field. "
                f"There are: {known}."
            )
        report = SourceReport()
        values: dict[EntityKind, dict[str, int]] = {}
        for kind, name in fields.of_kind().items():
            keyword = _keyword(mappings, name)
            if keyword is None:
                report.passed_over[kind.value] = f"`{name}` is not mapped as a keyword in `{index}`"
                continue
            values[kind] = _values(client, index, keyword)
            report.values[kind.value] = len(values[kind])
            if len(values[kind]) >= MOST_VALUES:
                report.passed_over[kind.value] = (
                    f"only the first {MOST_VALUES:,} values of `{keyword}` were read"
                )
        harvest = Harvest(values)
        total = int(client.count(index=index)["count"])
        total = min(total, most_documents) if most_documents else total
        read = [name for name in (fields.title, fields.brand, fields.category) if name]
        for source in _sources(client, index, read, total):
            for title in _texts(source, fields.title)[:1]:
                harvest.read(title, _texts(source, fields.brand), _texts(source, fields.category))
            report.documents += 1
            if on_documents is not None:
                on_documents(report.documents, total)
        return harvest, report


def values_of_fields(client: OpenSearch, index: str, fields: Sequence[str]) -> dict[str, list[str]]:
    """The values of an index's keyword fields, in lower case, by field; none for other fields.

    Raises ClusterError.
    """
    with explained(f"reading the values of `{index}`"):
        mappings = _mappings(client, index)
        keywords = {name: keyword for name in fields if (keyword := _keyword(mappings, name))}
        return {name: list(_values(client, index, keyword)) for name, keyword in keywords.items()}


def _mappings(client: OpenSearch, index: str) -> dict[str, str]:
    """The type of every field by its full name, of all indices behind a name."""
    try:
        answer = client.indices.get_mapping(index=index)
    except NotFoundError:
        raise ClusterError(
            f"there is no index `{index}`. Fill it first: reshelf data load --products FILE --index {index}"
        ) from None
    found: dict[str, str] = {}
    for entry in answer.values():
        _add_types(found, entry["mappings"].get("properties", {}), "")
    return found


def _add_types(found: dict[str, str], properties: Mapping[str, Any], prefix: str) -> None:
    for name, entry in properties.items():
        full = prefix + name
        found[full] = str(entry.get("type", "object"))
        _add_types(found, entry.get("properties", {}), f"{full}.")
        _add_types(found, entry.get("fields", {}), f"{full}.")


def _keyword(mappings: Mapping[str, str], name: str) -> str | None:
    """The field to aggregate over; None where there is none."""
    if mappings.get(name) in AGGREGATED:
        return name
    parts = [other for other, kind in mappings.items() if other.startswith(f"{name}.") and kind in AGGREGATED]
    preferred = f"{name}.keyword"
    return preferred if preferred in parts else min(parts, default=None)


def _values(client: OpenSearch, index: str, keyword: str) -> dict[str, int]:
    """Every value in lower case, with the number of products that have it."""
    found: dict[str, int] = {}
    for value, count in values_by_keyword(client, index, keyword, MOST_VALUES).items():
        lower = value.strip().lower()
        if lower:
            found[lower] = found.get(lower, 0) + count
    return found


def values_by_keyword(client: OpenSearch, index: str, keyword: str, most: int) -> dict[str, int]:
    """The values as the index keeps them, with their documents' numbers; some more than `most` at most."""
    found: dict[str, int] = {}
    composite: dict[str, Any] = {"size": BUCKETS, "sources": [{"value": {"terms": {"field": keyword}}}]}
    while len(found) < most:
        answer = client.search(
            index=index,
            body={"size": 0, "aggs": {"values": {"composite": composite}}},
            params={"search_pipeline": "_none", "request_cache": "false"},
        )
        aggregation = answer["aggregations"]["values"]
        for bucket in aggregation["buckets"]:
            found[str(bucket["key"]["value"])] = int(bucket["doc_count"])
        if "after_key" not in aggregation:
            break
        composite["after"] = aggregation["after_key"]
    return found


def _sources(client: OpenSearch, index: str, fields: Sequence[str], most: int) -> Iterator[Mapping[str, Any]]:
    """The first `most` documents, as the index was when the first of them was read."""
    hits = helpers.scan(
        client,
        index=index,
        query={"_source": list(fields)},
        size=PAGE,
        scroll=KEEP_ALIVE,
        params={"search_pipeline": "_none"},
    )
    for hit in islice(hits, most):
        yield hit.get("_source") or {}


def _texts(source: Mapping[str, Any], name: str) -> list[str]:
    """A field's values as texts; nested objects are followed by dots."""
    value: Any = source.get(name) if name else None
    if value is None and "." in name:
        value = source
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    values = value if isinstance(value, list) else [value]
    return [str(found) for found in values if isinstance(found, str | int | float) and str(found).strip()]
