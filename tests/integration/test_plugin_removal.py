"""Taking the plugin away again: pipeline first, then the plugin; every search works all the time."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sidecar.stack.opensearch_node import OpenSearchNode
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import Answer, SearchClient
from tests.fixtures.shelf import create_index, pipeline

pytestmark = pytest.mark.timeout(400)

BODY = {"query": {"match": {"title": "running shoe"}}}


def test_pipeline_first_then_the_plugin(tmp_path: Path, plugin_zip: Path, fake: FakeSidecar) -> None:
    with OpenSearchNode(tmp_path / "node", plugins=[plugin_zip], heap="512m") as node:
        client = SearchClient(node.url)
        client.settings(reshelf__targets=[fake.address])
        client.ok("PUT", "/_cluster/settings", {"persistent": {"reshelf.deadline": "300ms"}})
        client.ok("PUT", "/_search/pipeline/reshelf", pipeline())
        create_index(client, "shelf", serials=range(30))
        create_index(client, "other", serials=range(30))
        order = searched(client).places

        left = reshelf("pipeline", "remove", "--json", "--opensearch", node.url)
        assert (left["body"], left["indices"], left["templates"]) == (None, [], [])
        assert client.call("GET", "/_search/pipeline/reshelf").status == 404
        assert searched(client).places == order

        node.stop()
        remove_plugin(node)
        # The plugin's settings are still in the cluster state, unknown now; the node must start with them.
        node.start()
        assert client.call("GET", "/_cat/plugins").body == ""
        assert searched(client).places == order
        assert searched(client, "other").ids == [place[1] for place in order]
        client.close()


def searched(client: SearchClient, index: str = "shelf") -> Answer:
    answer = client.search(index, BODY)
    assert answer.status == 200
    assert len(answer.hits) == 10
    return answer


def reshelf(*arguments: str) -> dict[str, Any]:
    """Run the command as a user would; its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "sidecar", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def remove_plugin(node: OpenSearchNode) -> None:
    """With OpenSearch's own tool."""
    tool = str(node.home / "bin" / "opensearch-plugin")
    done = subprocess.run(
        [tool, "remove", "reshelf"],
        capture_output=True, text=True, timeout=120, check=False, cwd=node.home,
        env={**os.environ, **node.service.environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
