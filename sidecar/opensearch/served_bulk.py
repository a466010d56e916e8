"""Writes of the served log in OpenSearch: templates of its indices, and bulk requests."""

import logging
from collections.abc import Mapping
from typing import Any

from opensearchpy import OpenSearch

from sidecar.config.served import ServedOpenSearch
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.served_documents import mappings

log = logging.getLogger(__name__)

CONFLICT, TOO_MANY, SERVER_ERROR = 409, 429, 500
PRIORITY = 200


def put_templates(client: OpenSearch, settings: ServedOpenSearch, patterns: Mapping[str, str]) -> None:
    """Makes indices that come to be look as they should; `patterns` are index patterns by mapping."""
    index = {
        "number_of_shards": settings.shards,
        "auto_expand_replicas": settings.replicas,
        "refresh_interval": "5s",
        "codec": "best_compression",
    }
    for name, mapping in mappings().items():
        client.indices.put_index_template(
            name=f"{settings.index}-{name}",
            body={
                "index_patterns": [patterns[name]],
                "priority": PRIORITY,
                "template": {"settings": {"index": index}, "mappings": mapping},
            },
        )


def bulk(client: OpenSearch, actions: list[Any]) -> None:
    """Raises ClusterError where all is to be sent again; what OpenSearch refuses for good is logged."""
    if not actions:
        return
    answer = client.bulk(body=actions)
    if not answer["errors"]:
        return
    refused: set[str] = set()
    for item in answer["items"]:
        ((action, result),) = item.items()
        status = result["status"]
        if status < 300 or (status == CONFLICT and action == "create"):
            continue
        kind = str((result.get("error") or {}).get("type", status))
        if status in (CONFLICT, TOO_MANY) or status >= SERVER_ERROR:
            raise ClusterError(f"writing the served log: OpenSearch is busy ({kind}).")
        refused.add(kind)
    if refused:
        log.error("the served log refused documents: %s", ", ".join(sorted(refused)))
