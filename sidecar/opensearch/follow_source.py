"""The shop's own UBI indices, read by the number that each shard gives to its operations.

`_seq_no` rises by one with every operation on a shard. All operations up to the global checkpoint are on
every copy of the shard and will never be taken back; after a refresh they are found by searches. So reading
up to a checkpoint that was looked up before a refresh misses nothing, however late a document was indexed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError

from sidecar.feedback.ubi import FIELDS
from sidecar.opensearch.connection import explained
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.follow_lease import Claim

PLAIN = {"search_pipeline": "_none", "request_cache": "false"}


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard of a followed index. `checkpoint` is the greatest number that is safe to read; -1: none."""

    index: str
    uuid: str
    number: int
    checkpoint: int


class UbiSource:
    """Methods block, and raise ClusterError."""

    def __init__(self, client: OpenSearch, events: str, queries: str) -> None:
        """`events` and `queries` are indices, aliases or patterns; `queries` may be ""."""
        self._client = client
        self._events = events
        self._queries = queries

    def shards(self) -> list[Shard]:
        """All shards of all indices behind the name, by index and number; none where there is no index."""
        with explained(f"looking at `{self._events}`"):
            try:
                answer = self._client.indices.stats(
                    index=self._events, metric="docs", params={"level": "shards", "expand_wildcards": "open"}
                )
            except NotFoundError:
                return []
        return sorted(_shards(answer.get("indices", {})), key=lambda shard: (shard.index, shard.number))

    def refresh(self, indices: Sequence[str]) -> None:
        """Makes all operations so far visible."""
        if not indices:
            return
        with explained(f"refreshing {', '.join(indices)}"):
            self._client.indices.refresh(
                index=",".join(indices), params={"ignore_unavailable": "true", "allow_no_indices": "true"}
            )

    def read(self, claim: Claim) -> list[dict[str, Any]] | None:
        """The claimed documents in the order of their operations; None where the index is gone.

        Operations that were overwritten or deleted since have none.
        """
        body = {
            "size": claim.to - claim.after,
            "query": {"range": {"_seq_no": {"gt": claim.after, "lte": claim.to}}},
            "sort": [{"_seq_no": "asc"}],
            # Shops put whole products and pages into events.
            "_source": list(FIELDS),
        }
        # A replica by segments may be behind its primary, refreshed or not.
        params = {**PLAIN, "preference": f"_shards:{claim.shard}|_primary"}
        with explained(f"reading `{claim.index}`"):
            try:
                answer = self._client.search(index=claim.index, body=body, params=params)
            except NotFoundError:
                return None
        if answer.get("timed_out") or answer["_shards"]["failed"] or not answer["_shards"]["total"]:
            raise ClusterError(f"reading `{claim.index}`: shard {claim.shard} did not answer in full")
        return [hit["_source"] for hit in answer["hits"]["hits"] if isinstance(hit.get("_source"), dict)]

    def clients_of(self, query_ids: Sequence[str]) -> dict[str, str]:
        """Whose searches these were, where the shop's queries tell."""
        if not query_ids or not self._queries:
            return {}
        wanted = list(query_ids)
        # Mapped by UBI itself, or by OpenSearch's own guess.
        either = [{"terms": {name: wanted}} for name in ("query_id", "query_id.keyword")]
        body = {
            "size": min(len(wanted) * 2, 10_000),
            "query": {
                "bool": {
                    "should": either,
                    "must": {"exists": {"field": "client_id"}},
                    "minimum_should_match": 1,
                }
            },
            "_source": ["query_id", "client_id"],
        }
        with explained(f"reading `{self._queries}`"):
            try:
                answer = self._client.search(index=self._queries, body=body, params=PLAIN)
            except NotFoundError:
                return {}
        found = [hit["_source"] for hit in answer["hits"]["hits"]]
        return {one["query_id"]: one["client_id"] for one in found if isinstance(one.get("client_id"), str)}


def _shards(indices: dict[str, Any]) -> Iterator[Shard]:
    for name, index in indices.items():
        for number, copies in index["shards"].items():
            for copy in copies:
                if copy["routing"]["primary"]:
                    checkpoint = copy.get("seq_no", {}).get("global_checkpoint", -1)
                    yield Shard(name, index["uuid"], int(number), int(checkpoint))
