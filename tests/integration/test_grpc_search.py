"""OpenSearch's own gRPC search endpoint (module transport-grpc): default pipelines apply there too."""

from collections.abc import Iterator

import grpc
import pytest
from opensearch.protobufs.schemas import common_pb2
from opensearch.protobufs.services.search_service_pb2_grpc import SearchServiceStub

from sidecar.stack.ports import LOOPBACK
from tests.fixtures.answers import reversing
from tests.fixtures.cluster import Cluster
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient

pytestmark = pytest.mark.stack


@pytest.fixture
def stub(cluster: Cluster) -> Iterator[SearchServiceStub]:
    with grpc.insecure_channel(f"{LOOPBACK}:{cluster.grpc_port}") as channel:
        yield SearchServiceStub(channel)


def request(index: str, *, start: int = 0) -> common_pb2.SearchRequest:
    match = common_pb2.MatchQuery(field="title", query=common_pb2.FieldValue(string="running shoe"))
    body = common_pb2.SearchRequestBody(query=common_pb2.QueryContainer(match=match), size=10)
    setattr(body, "from", start)
    return common_pb2.SearchRequest(index=[index], search_request_body=body)


def places(response: common_pb2.SearchResponse) -> list[tuple[str, str]]:
    return [(hit.x_index, hit.x_id) for hit in response.hits.hits]


def test_the_default_pipeline_applies(
    stub: SearchServiceStub, search: SearchClient, fake: FakeSidecar
) -> None:
    fake.reset(reversing)
    plain = search.plain("shelf", {"query": {"match": {"title": "running shoe"}}, "size": 100})
    order = plain.places[::-1]
    first, second = (stub.Search(request("shelf", start=start), timeout=20) for start in (0, 10))
    assert places(first) == order[:10]
    assert places(second) == order[10:20]
    assert fake.calls == 1
    assert fake.last.query.text == "running shoe"
    assert first.hits.total.total_hits.value == 300


def test_without_a_default_pipeline(stub: SearchServiceStub, search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(reversing)
    plain = search.plain("shelf-plain", {"query": {"match": {"title": "running shoe"}}})
    assert places(stub.Search(request("shelf-plain"), timeout=20)) == plain.places
    assert fake.calls == 0


def test_it_fails_open(stub: SearchServiceStub, search: SearchClient, fake: FakeSidecar) -> None:
    fake.stop()
    plain = search.plain("shelf", {"query": {"match": {"title": "running shoe"}}})
    assert places(stub.Search(request("shelf"), timeout=20)) == plain.places
