"""Put products into an index. A new index appears under its name only when it is complete."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from opensearchpy import OpenSearch, helpers
from opensearchpy.exceptions import OpenSearchException

from sidecar.opensearch.connection import explained
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.product import Product, Refusal
from sidecar.opensearch.product_index import product_index_body

CHUNK_PRODUCTS = 500
CHUNK_BYTES = 10 * 1024 * 1024
KEPT_REFUSALS = 1000
LOADING = "-loading-"
LOOKS_FOR_A_LATE_INDEX = 4


@dataclass
class LoadReport:
    """What became of the rows. `refusals` holds the first thousand; `refused` counts all."""

    index: str
    loaded: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    existed: bool = False

    def refuse(self, refusal: Refusal) -> None:
        self.refused += 1
        if len(self.refusals) < KEPT_REFUSALS:
            self.refusals.append(refusal)


class RefusedRowsError(ClusterError):
    """A strict load met a bad row; nothing was changed."""

    def __init__(self, report: LoadReport) -> None:
        super().__init__(f"{report.refused} rows are bad; `{report.index}` was left as it was.")
        self.report = report


def load_products(
    client: OpenSearch,
    rows: Iterable[Product | Refusal],
    index: str,
    *,
    replace: bool = False,
    strict: bool = False,
    pipeline: str | None = None,
    on_row: Callable[[int], None] | None = None,
) -> LoadReport:
    """Load `rows` into `index` and tell what became of each.

    A new index, or with `replace` an existing one, is filled under another name and takes its place when
    complete, with `pipeline` as its default search pipeline: a load that fails or is interrupted leaves
    what was there. Without `replace`, an existing index is updated in place, product by product.
    `strict` refuses everything if one row is bad (RefusedRowsError), which needs a new index or `replace`.
    Raises ClusterError.
    """
    with explained(f"loading into `{index}`"):
        existed = bool(client.indices.exists(index=index))
        report = LoadReport(index, existed=existed)
        if existed and not replace:
            if strict:
                raise ClusterError(
                    f"`{index}` exists, and products are updated in place: all or nothing cannot be "
                    f"kept. Add --replace to load it anew."
                )
            _send(client, rows, index, report, on_row)
            client.indices.refresh(index=index)
            return report
        with _staging_index(client, index) as staging:
            _send(client, rows, staging, report, on_row)
            if strict and report.refused:
                raise RefusedRowsError(report)
            _put_in_place(client, staging, index, pipeline)
        return report


@contextmanager
def _staging_index(client: OpenSearch, index: str) -> Iterator[str]:
    """An index to fill, removed whatever happens."""
    staging = f"{index}{LOADING}{secrets.token_hex(4)}"
    body = product_index_body()
    # Hidden from wildcards and without replicas or refreshes until it is complete.
    body["settings"]["index"] |= {"hidden": True, "refresh_interval": "-1"}
    created = False
    try:
        client.indices.create(index=staging, body=body)
        created = True
        yield staging
    finally:
        # Interrupted while it was being made, it may appear only after we are gone: look a few times.
        for _ in range(1 if created else LOOKS_FOR_A_LATE_INDEX):
            with suppress(OpenSearchException):
                client.indices.delete(index=staging)
                break
            time.sleep(0 if created else 0.5)


def _send(
    client: OpenSearch,
    rows: Iterable[Product | Refusal],
    index: str,
    report: LoadReport,
    on_row: Callable[[int], None] | None,
) -> None:
    numbers: dict[str, int] = {}  # only of what is under way

    def actions() -> Iterator[dict[str, Any]]:
        for row in rows:
            if on_row is not None:
                on_row(row.number)
            if isinstance(row, Refusal):
                report.refuse(row)
                continue
            numbers[row.id] = row.number
            yield {"_index": index, "_id": row.id, "_source": row.document}

    for accepted, item in helpers.streaming_bulk(
        client,
        actions(),
        chunk_size=CHUNK_PRODUCTS,
        max_chunk_bytes=CHUNK_BYTES,
        raise_on_error=False,
        max_retries=5,
        initial_backoff=1,
        max_backoff=30,
    ):
        result = item["index"]
        number = numbers.pop(result["_id"])
        if accepted:
            report.loaded += 1
        else:
            report.refuse(Refusal(number, f"OpenSearch refused it: {_reason(result)}", result["_id"]))


def _reason(result: dict[str, Any]) -> str:
    error = result.get("error")
    if not isinstance(error, dict):
        return str(error or result.get("status"))
    cause = error.get("caused_by") or {}
    return " / ".join(str(part["reason"]) for part in (error, cause) if part.get("reason"))


def _put_in_place(client: OpenSearch, staging: str, index: str, pipeline: str | None) -> None:
    """Make `index` what `staging` holds. A clone shares the files, so this takes well under a second."""
    client.indices.refresh(index=staging)
    client.indices.put_settings(index=staging, body={"index.blocks.write": True})
    if client.indices.exists_alias(name=index):
        _point_alias_at(client, staging, index, pipeline)
        return
    old = client.indices.get_alias(index=index, ignore_unavailable=True)
    aliases = old[index]["aliases"] if index in old else {}
    client.indices.delete(index=index, ignore_unavailable=True)
    _clone(client, staging, index, pipeline, aliases)


def _clone(
    client: OpenSearch, staging: str, target: str, pipeline: str | None, aliases: dict[str, Any]
) -> None:
    settings = {
        "index.hidden": False,
        "index.refresh_interval": "1s",
        "index.blocks.write": False,
        "index.search.default_pipeline": pipeline or "_none",
    }
    client.indices.clone(index=staging, target=target, body={"settings": settings, "aliases": aliases})
    client.cluster.health(index=target, wait_for_status="yellow")


def _point_alias_at(client: OpenSearch, staging: str, alias: str, pipeline: str | None) -> None:
    """Where the name is an alias, the new index gets a name of its own and the alias moves in one step."""
    behind = client.indices.get_alias(name=alias)
    if len(behind) != 1:
        raise ClusterError(
            f"`{alias}` is an alias of {len(behind)} indices ({', '.join(sorted(behind))}); which one to "
            f"replace is yours to say. Name one of them with --index."
        )
    (old,) = behind
    aliases = client.indices.get_alias(index=old)[old]["aliases"]
    target = staging.replace(LOADING, "-")
    _clone(client, staging, target, pipeline, {})
    moves = [{"add": {"index": target, "alias": name, **how}} for name, how in aliases.items()]
    client.indices.update_aliases(body={"actions": [*moves, {"remove_index": {"index": old}}]})
