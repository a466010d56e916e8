"""The index that an evaluation searches: one of its own, removed afterwards, or one that is there."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from opensearchpy import OpenSearch

from sidecar.evaluation.query_text import same_words
from sidecar.opensearch.connection import explained
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.loading import LoadReport, load_products
from sidecar.opensearch.product import Product, Refusal

TEMPORARY = "Leave --index out to search a temporary one."


@contextmanager
def temporary_index(
    client: OpenSearch,
    rows: Iterable[Product | Refusal],
    *,
    pipeline: str | None,
    keep: bool = False,
    on_row: Callable[[int], None] | None = None,
) -> Iterator[LoadReport]:
    """An index of the products, with `pipeline` as its default; removed afterwards unless `keep`."""
    name = f"reshelf-evaluate-{secrets.token_hex(4)}"
    try:
        yield load_products(client, rows, name, pipeline=pipeline, on_row=on_row)
    finally:
        if not keep:
            with explained(f"removing the temporary index `{name}`"):
                client.indices.delete(index=name, ignore_unavailable=True)


def check_index(client: OpenSearch, index: str, pipeline: str | None, *, otherwise: str = TEMPORARY) -> None:
    """An index that is there must have the pipeline that the arms need; `otherwise` is told where it is not
    there. Raises ClusterError."""
    with explained(f"looking at `{index}`"):
        if not client.indices.exists(index=index):
            raise ClusterError(f"no index is named `{index}`. {otherwise}")
        settings = client.indices.get_settings(index=index, params={"flat_settings": "true"})
    for name, found in settings.items():
        default = found["settings"].get("index.search.default_pipeline")
        if pipeline and default != pipeline:
            raise ClusterError(
                f"`{name}` has the default search pipeline {default!r}, not `{pipeline}`. "
                f"Put it there with `reshelf pipeline apply --index {index}`."
            )


def missing_products(client: OpenSearch, index: str, ids: Iterable[str]) -> set[str]:
    """Which of the ids the index does not hold."""
    return {doc["_id"] for doc in _documents(client, index, ids, "false") if not doc.get("found")}


def brands_of(client: OpenSearch, index: str, ids: Iterable[str]) -> dict[str, str]:
    """The brand of each product that has one, as `same_words` writes it."""
    brands: dict[str, str] = {}
    for document in _documents(client, index, ids, "brand"):
        brand = document.get("_source", {}).get("brand")
        if isinstance(brand, str) and brand.strip():
            brands[document["_id"]] = same_words(brand)
    return brands


def _documents(client: OpenSearch, index: str, ids: Iterable[str], source: str) -> Iterator[dict[str, Any]]:
    wanted = sorted(set(ids))
    with explained(f"looking for judged products in `{index}`"):
        for begin in range(0, len(wanted), 1000):
            some = wanted[begin : begin + 1000]
            yield from client.mget(index=index, body={"ids": some}, params={"_source": source})["docs"]
