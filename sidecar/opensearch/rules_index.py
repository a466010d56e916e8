"""Look into an index on behalf of rules: what its fields are, whether a filter matches any document.

The first documents are read once, and filters are worked out on them by the same code as in a search. In a
larger index the others are narrowed down by a query that every matching document meets, and never more is
said than is known.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from opensearchpy import OpenSearch, helpers
from opensearchpy.exceptions import NotFoundError

from sidecar.domain.candidate import Candidate
from sidecar.opensearch.connection import explained
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.vocabulary_source import AGGREGATED, values_by_keyword
from sidecar.rules.columns import Columns
from sidecar.rules.expression.compiled import CompiledFilter
from sidecar.rules.expression.node import (
    AllOf,
    AnyOf,
    Comparison,
    Field,
    FieldKind,
    Flag,
    Match,
    Node,
    Number,
    OneOf,
    Text,
)

MOST_READ = 20_000
"""Documents that are read; also the values of one field."""

PAGE = 1000
IDS_A_REQUEST = 1000
KEEP_ALIVE = "1m"
PLAIN = {"search_pipeline": "_none"}

NUMBERS = (
    *("byte", "short", "integer", "long", "unsigned_long"),
    *("half_float", "float", "double", "scaled_float"),
)
KINDS: dict[str, FieldKind] = {
    **dict.fromkeys(("text", "match_only_text", "keyword", "constant_keyword", "wildcard", "ip"), "text"),
    **dict.fromkeys(NUMBERS, "number"),
    "date": "date",
    "date_nanos": "date",
    "boolean": "flag",
}


@dataclass(frozen=True)
class MappedField:
    """A field that documents have. `keyword`: where its values can be counted; "" if nowhere."""

    kind: FieldKind
    type: str
    keyword: str
    searched: bool


class RulesIndex:
    """An index, alias or pattern. `fields` are those that rules read. Methods raise ClusterError."""

    def __init__(
        self, client: OpenSearch, index: str, fields: Collection[str], now: float, most_read: int = MOST_READ
    ) -> None:
        self._client = client
        self._index = index
        self._read = sorted(fields)
        self._now = now
        self._most_read = most_read
        self._values: dict[str, list[str]] = {}

    def mapping(self) -> Mapping[str, FieldKind]:
        """What each field is whose values a rule can read: those of documents, not their `.keyword` parts."""
        return {name: one.kind for name, one in self._fields.items()}

    def any_matches(self, condition: Node) -> bool | None:
        """Whether any document matches; None where it is none of those read, and there are more."""
        compiled = CompiledFilter("", condition)
        if compiled.of(self._first).any():
            return True
        if self._first.count < self._most_read:
            return False
        query = self.wide_query(condition)
        with explained(f"trying a filter on `{self._index}`"):
            answer = self._client.search(
                index=self._index,
                body={"query": query, "_source": self._read, "size": PAGE, "track_total_hits": True},
                params=PLAIN,
            )
        hits = answer["hits"]["hits"]
        if compiled.of(self._columns(hits)).any():
            return True
        return False if answer["hits"]["total"]["value"] <= len(hits) else None

    def missing(self, ids: Collection[str]) -> set[str]:
        """Those of the ids that no document has."""
        waiting, found = list(ids), set[str]()
        with explained(f"looking for products in `{self._index}`"):
            for begin in range(0, len(waiting), IDS_A_REQUEST):
                some = waiting[begin : begin + IDS_A_REQUEST]
                # More than were asked for: several indices behind an alias may have the same id.
                body = {"query": {"ids": {"values": some}}, "_source": False, "size": 10_000}
                answer = self._client.search(index=self._index, body=body, params=PLAIN)
                found.update(hit["_id"] for hit in answer["hits"]["hits"])
        return set(waiting) - found

    @cached_property
    def _fields(self) -> dict[str, MappedField]:
        with explained(f"reading the fields of `{self._index}`"):
            try:
                answer = self._client.indices.get_mapping(index=self._index)
            except NotFoundError:
                raise ClusterError(
                    f"there is no index `{self._index}`. Name another one with --index."
                ) from None
        found: dict[str, MappedField] = {}
        for entry in answer.values():
            _add_fields(found, entry["mappings"].get("properties", {}), "")
        return found

    @cached_property
    def _first(self) -> Columns:
        """The documents that are read."""
        with explained(f"reading documents of `{self._index}`"):
            hits = helpers.scan(
                self._client,
                index=self._index,
                query={"_source": self._read},
                size=PAGE,
                scroll=KEEP_ALIVE,
                params=PLAIN,
            )
            return self._columns(list(islice(hits, self._most_read)))

    def _columns(self, hits: Sequence[Mapping[str, Any]]) -> Columns:
        return Columns(
            [
                Candidate(hit["_id"], place, 0.0, hit["_index"], self._values_of(hit.get("_source") or {}))
                for place, hit in enumerate(hits, 1)
            ],
            self._now,
        )

    def _values_of(self, source: Mapping[str, Any]) -> dict[str, Any]:
        return {name: found for name in self._read if (found := field_values(source, name))}

    def wide_query(self, node: Node) -> dict[str, Any]:
        """A query that every document meets for which the condition holds, and perhaps others too."""
        match node:
            case AllOf(of=of):
                return {"bool": {"filter": [self.wide_query(one) for one in of]}}
            case AnyOf(of=of):
                return {"bool": {"should": [self.wide_query(one) for one in of], "minimum_should_match": 1}}
            case Flag(value=False):
                return {"match_none": {}}
            case Match(field=field) | OneOf(of=Field(kind="text") as field):
                return self._of_text(node, field)
            case Comparison(left=Field(kind="text") as field, right=Text()):
                return self._of_text(node, field)
            case Comparison(sign=sign, left=Field(kind="number") as field, right=Number(value=value)):
                return self._of_number(field, sign, value)
        return {"match_all": {}}

    def _of_text(self, node: Node, field: Field) -> dict[str, Any]:
        """The values of the field that meet the condition, as far as the index can list its values."""
        mapped = self._fields.get(field.name)
        if mapped is None or not mapped.keyword:
            return {"match_all": {}}
        values = self._values.get(mapped.keyword)
        if values is None:
            with explained(f"reading the values of `{mapped.keyword}`"):
                found = values_by_keyword(self._client, self._index, mapped.keyword, MOST_READ)
            values = self._values[mapped.keyword] = list(found)
        if len(values) >= MOST_READ:
            return {"match_all": {}}
        made = [Candidate(value, 1, 0.0, "", {field.name: [value]}) for value in values]
        holds = CompiledFilter("", node).of(Columns(made, self._now))
        meeting = [value for value, one in zip(values, holds, strict=True) if one]
        return {"terms": {mapped.keyword: meeting}} if meeting else {"match_none": {}}

    def _of_number(self, field: Field, sign: str, value: float) -> dict[str, Any]:
        """With room on both sides: an index keeps numbers as its mapping says, not as they were sent."""
        mapped = self._fields.get(field.name)
        if mapped is None or not mapped.searched or mapped.type not in NUMBERS:
            return {"match_all": {}}
        room = 1 + abs(value) / 500
        bounds = {}
        if sign in ("==", ">", ">="):
            bounds["gte"] = value - room
        if sign in ("==", "<", "<="):
            bounds["lte"] = value + room
        return {"range": {field.name: bounds}}


def field_values(source: Any, name: str) -> list[Any]:
    """A field's values as the plugin sends them: nested, in lists, or with dots in its name."""
    if isinstance(source, list):
        return [value for one in source for value in field_values(one, name)]
    if not isinstance(source, Mapping):
        return []
    found = [value for value in _flat(source.get(name)) if isinstance(value, str | int | float)]
    parts = name.split(".")
    for place in range(1, len(parts)):
        below = source.get(".".join(parts[:place]))
        if below is not None:
            found += field_values(below, ".".join(parts[place:]))
    return found


def _flat(value: Any) -> list[Any]:
    return [one for part in value for one in _flat(part)] if isinstance(value, list) else [value]


def _add_fields(found: dict[str, MappedField], properties: Mapping[str, Any], prefix: str) -> None:
    for name, entry in properties.items():
        full = prefix + name
        type_ = str(entry.get("type", "object"))
        if type_ in KINDS:
            parts = entry.get("fields", {})
            whole = [part for part, said in parts.items() if said.get("type") in AGGREGATED]
            keyword = full if type_ in AGGREGATED else f"{full}.{whole[0]}" if whole else ""
            counted = entry.get("doc_values", True) if type_ in AGGREGATED else True
            found[full] = MappedField(
                KINDS[type_], type_, keyword if counted else "", entry.get("index", True) is not False
            )
        _add_fields(found, entry.get("properties", {}), f"{full}.")
