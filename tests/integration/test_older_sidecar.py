"""Plugin and sidecar are upgraded in either order: a sidecar from before there were columns gets rows."""

from typing import Any

import pytest

from tests.fixtures.answers import reversing
from tests.fixtures.cluster import Cluster
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import FIELDS

pytestmark = pytest.mark.stack

QUERY: dict[str, Any] = {"match": {"title": "running shoe"}}


def test_a_sidecar_that_knows_columns_gets_them(search: SearchClient, fake: FakeSidecar) -> None:
    search.search("shelf", {"query": QUERY})
    assert fake.calls == fake.in_columns == 1


def test_one_that_does_not_gets_rows_from_the_first_search_on(cluster: Cluster, search: SearchClient) -> None:
    with FakeSidecar() as old:
        old.knows_columns = False
        old.behaviour = reversing
        cluster.aim(old.address)
        cluster.wait_for(old.address)
        answer = search.search("shelf", {"query": QUERY, "ext": {"reshelf": {}}})
        assert answer.report["reranked"]
        assert old.in_columns == 0
        assert len(old.last.candidates) == 100
        assert all(set(candidate.fields) == set(FIELDS) for candidate in old.last.candidates)
