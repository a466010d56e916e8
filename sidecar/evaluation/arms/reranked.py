"""The same search through the index's default search pipeline: the order that shoppers see."""

from typing import Any
from uuid import uuid4

from opensearchpy import OpenSearch

from sidecar.evaluation.arms.arm import Answer
from sidecar.opensearch.pipeline_file import RERANK_PROCESSOR
from sidecar.opensearch.query import bm25_query

PATIENT = "10s"


class Reranked:
    """Plugin, sidecar and model, as a client meets them."""

    name = "reranked"
    needs_pipeline = True

    def search(self, client: OpenSearch, index: str, query: str, size: int) -> Answer:
        found = client.search(index=index, body=_body(query, size))
        ids = [hit["_id"] for hit in found["hits"]["hits"]]
        # An empty answer has nothing to rank.
        return Answer(ids, why_incomplete(found) if ids else "")

    def warm(self, client: OpenSearch, index: str, query: str, size: int) -> str:
        # The scores are remembered by the sidecar; the search that counts keeps the deadline of shoppers.
        pipeline = _patient_pipeline(client, index)
        if pipeline is None:
            return "no_pipeline"
        found = client.search(index=index, body={**_body(query, size), "search_pipeline": pipeline})
        return why_incomplete(found)


def _body(query: str, size: int) -> dict[str, Any]:
    # A session of its own for each search: the plugin remembers how a session's query was ordered, and a
    # partly scored order would come back instead of being completed.
    shopper = {"session_id": f"evaluate-{uuid4().hex}"}
    return {"query": bm25_query(query), "size": size, "_source": False, "ext": {"reshelf": shopper}}


def _patient_pipeline(client: OpenSearch, index: str) -> dict[str, Any] | None:
    """The index's default pipeline with a deadline that a cold model meets; None where there is none."""
    settings = client.indices.get_settings(index=index, params={"flat_settings": "true"})
    names = {found["settings"].get("index.search.default_pipeline") for found in settings.values()}
    name = names.pop() if len(names) == 1 else None
    if name in (None, "_none"):
        return None
    pipeline: dict[str, Any] = client.search_pipeline.get(id=name)[name]
    for step in pipeline.get("response_processors", ()):
        if RERANK_PROCESSOR in step:
            step[RERANK_PROCESSOR]["deadline"] = PATIENT
    return {key: steps for key, steps in pipeline.items() if key.endswith("_processors")}


def why_incomplete(response: dict[str, Any]) -> str:
    """Why the response is not fully re-ranked, by what `ext.reshelf` says of it; empty if it is."""
    report = response.get("ext", {}).get("reshelf")
    if report is None:
        return "no_report"
    reasons = [str(skip.get("reason")) for skip in report.get("skipped", ()) if isinstance(skip, dict)]
    if report.get("reason"):
        reasons.append(str(report["reason"]))
    if not report.get("reranked"):
        return ",".join(reasons) or "not_reranked"
    return ",".join(reason for reason in reasons if not reason.startswith("truncated_"))
