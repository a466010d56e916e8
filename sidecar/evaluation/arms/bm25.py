"""OpenSearch's own order: tuned BM25, no search pipeline."""

from opensearchpy import OpenSearch

from sidecar.evaluation.arms.arm import Answer
from sidecar.opensearch.query import bm25_query


class Bm25:
    """The baseline."""

    name = "bm25"
    needs_pipeline = False
    reranks = False

    def search(self, client: OpenSearch, index: str, query: str, size: int) -> Answer:
        found = client.search(
            index=index,
            body={"query": bm25_query(query), "size": size, "_source": False},
            params={"search_pipeline": "_none"},
        )
        return Answer([hit["_id"] for hit in found["hits"]["hits"]])

    def warm(self, _client: OpenSearch, _index: str, _query: str, _size: int, /) -> str:
        """Nothing to warm."""
        return ""
