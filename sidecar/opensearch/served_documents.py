"""Served lists and outcomes as documents, and back."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

import yaml

from sidecar.domain.event import EventKind
from sidecar.served.log import Outcome
from sidecar.served.packed import PackedList

# As `packed.joined`, for a page that another sidecar has served meanwhile.
JOIN = """
def old = ctx._source; def doc = params.doc;
if (old.order == doc.order && old.page_size > 0 && doc.page_size > 0) {
  int end = (int) Math.max(old.page_start + old.page_size, doc.page_start + doc.page_size);
  int start = (int) Math.min(old.page_start, doc.page_start);
  doc.page_start = start; doc.page_size = end - start;
}
ctx._source = doc;
"""


def mappings() -> dict[str, dict[str, Any]]:
    """The mappings of lists, outcomes and forgotten shoppers, from served_log_index.yml beside this file."""
    text = resources.files("sidecar.opensearch").joinpath("served_log_index.yml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return found


def day_of(time: float) -> str:
    """The day in UTC, as it stands in names of indices."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y.%m.%d")


def day_in(index: str) -> date | None:
    """The day of an index by its name."""
    try:
        return datetime.strptime(index[-10:], "%Y.%m.%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def list_document(packed: PackedList) -> dict[str, Any]:
    """The document of a list; its _id is the query's key in hexadecimal."""
    return {
        "query": packed.query.hex(),
        **({"shopper": packed.shopper.hex()} if packed.shopper else {}),
        "timestamp": int(packed.time * 1000),
        "time": packed.time,
        "page_start": packed.page_start,
        "page_size": packed.page_size,
        "order": packed.order.hex(),
        "data": b64encode(packed.data).decode("ascii"),
    }


def list_of(source: Mapping[str, Any]) -> PackedList:
    """The list of a document. Raises KeyError and ValueError for one that is none."""
    return PackedList(
        bytes.fromhex(source["query"]),
        bytes.fromhex(source.get("shopper", "")),
        float(source["time"]),
        int(source["page_start"]),
        int(source["page_size"]),
        bytes.fromhex(source["order"]),
        b64decode(source["data"]),
    )


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """The document of an outcome; its _id is the query's key and the digest."""
    return {
        "query": outcome.query.hex(),
        "digest": outcome.digest.hex(),
        **({"client": outcome.client.hex()} if outcome.client else {}),
        **({"user": outcome.user.hex()} if outcome.user else {}),
        "kind": str(outcome.kind),
        "timestamp": int(outcome.time * 1000),
        "time": outcome.time,
        "object_id": outcome.object_id,
        "place": outcome.place,
        "position": outcome.position,
        "dwell": outcome.dwell,
    }


def outcome_of(source: Mapping[str, Any]) -> Outcome:
    """The outcome of a document."""
    return Outcome(
        query=bytes.fromhex(source["query"]),
        digest=bytes.fromhex(source["digest"]),
        client=bytes.fromhex(source.get("client", "")),
        user=bytes.fromhex(source.get("user", "")),
        kind=EventKind(source["kind"]),
        time=float(source["time"]),
        object_id=str(source["object_id"]),
        place=int(source["place"]),
        position=int(source["position"]),
        dwell=float(source["dwell"]),
    )
