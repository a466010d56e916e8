"""One search through a search pipeline, and what the answer says of its ranking."""

from typing import Any
from uuid import uuid4

from opensearchpy import OpenSearch

from sidecar.evaluation.arms.arm import Answer
from sidecar.opensearch.pipeline_file import RERANK_PROCESSOR
from sidecar.opensearch.query import bm25_query

PATIENT = "10s"


def search_through(
    client: OpenSearch, index: str, query: str, size: int, pipeline: dict[str, Any] | None = None
) -> Answer:
    """The best `size` products through the index's default search pipeline, or through `pipeline`."""
    # A session of its own for each search: the plugin remembers how a session's query was ordered, and a
    # partly scored order would come back instead of being completed.
    shopper = {"session_id": f"evaluate-{uuid4().hex}"}
    body = {"query": bm25_query(query), "size": size, "_source": False, "ext": {"reshelf": shopper}}
    found = client.search(
        index=index, body=body if pipeline is None else {**body, "search_pipeline": pipeline}
    )
    ids = [hit["_id"] for hit in found["hits"]["hits"]]
    # An empty answer has nothing to rank.
    return Answer(ids, why_incomplete(found) if ids else "", versions_of(found))


def patient(pipeline: dict[str, Any]) -> dict[str, Any]:
    """The pipeline with a deadline that a cold model meets, as a search carries it."""
    copied = {key: [dict(step) for step in steps] for key, steps in pipeline.items() if _holds_steps(key)}
    for step in copied.get("response_processors", ()):
        if RERANK_PROCESSOR in step:
            step[RERANK_PROCESSOR] = {**step[RERANK_PROCESSOR], "deadline": PATIENT}
    return copied


def inline(pipeline: dict[str, Any]) -> dict[str, Any]:
    """The pipeline as a search carries it: its processors, without description and version."""
    return {key: steps for key, steps in pipeline.items() if _holds_steps(key)}


def _holds_steps(key: str) -> bool:
    return key.endswith("_processors")


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


def versions_of(response: dict[str, Any]) -> dict[str, str]:
    """What decided, by `ext.reshelf`; empty where no sidecar did."""
    report = response.get("ext", {}).get("reshelf") or {}
    return {str(name): str(version) for name, version in report.get("versions", {}).items()}
