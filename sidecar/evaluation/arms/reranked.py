"""The same search through the index's default search pipeline: the order that shoppers see."""

from typing import Any

from opensearchpy import OpenSearch

from sidecar.evaluation.arms.arm import Answer
from sidecar.evaluation.arms.through_pipeline import patient, search_through


class Reranked:
    """Plugin, sidecar and model, as a client meets them."""

    name = "reranked"
    needs_pipeline = True
    reranks = True

    def search(self, client: OpenSearch, index: str, query: str, size: int) -> Answer:
        return search_through(client, index, query, size)

    def warm(self, client: OpenSearch, index: str, query: str, size: int) -> str:
        # The scores are remembered by the sidecar; the search that counts keeps the deadline of shoppers.
        pipeline = _default_pipeline(client, index)
        if pipeline is None:
            return "no_pipeline"
        return search_through(client, index, query, size, patient(pipeline)).incomplete


def _default_pipeline(client: OpenSearch, index: str) -> dict[str, Any] | None:
    """The index's default search pipeline; None where there is none."""
    settings = client.indices.get_settings(index=index, params={"flat_settings": "true"})
    names = {found["settings"].get("index.search.default_pipeline") for found in settings.values()}
    name = names.pop() if len(names) == 1 else None
    if name in (None, "_none"):
        return None
    pipeline: dict[str, Any] = client.search_pipeline.get(id=name)[name]
    return pipeline
