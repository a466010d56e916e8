"""The queries that a shop is asked most, from what UBI's clients have written."""

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError, RequestError

from sidecar.opensearch.connection import explained

FIELD = "user_query"


def ubi_top_queries(client: OpenSearch, index: str, most: int) -> list[str]:
    """The most frequent first; none where there is no such index. Raises ClusterError.

    UBI maps the words as a keyword; an index that was made by its first document has them as text with a
    keyword part.
    """
    with explained(f"reading the most frequent queries of `{index}`"):
        for field in (FIELD, f"{FIELD}.keyword"):
            body = {"size": 0, "aggs": {"queries": {"terms": {"field": field, "size": most}}}}
            try:
                answer = client.search(index=index, body=body, params={"search_pipeline": "_none"})
            except NotFoundError:
                return []
            except RequestError:
                continue  # text without a column: the other field may have one
            found = [str(bucket["key"]) for bucket in answer["aggregations"]["queries"]["buckets"]]
            if found:
                return [query for query in found if query.strip()]
    return []
