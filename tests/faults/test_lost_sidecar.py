"""Real sidecars that are killed, hang, vanish behind a firewall, or were never there."""

from collections.abc import Iterator

import pytest

from sidecar.stack.sidecar_process import SidecarProcess
from tests.fixtures.black_hole import black_hole, silence
from tests.fixtures.cluster import Cluster, wait_until
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.watching import reranked_now, search_many, wait_as_shoppers_do

pytestmark = pytest.mark.stack

# From the sidecar's readiness until searches are reranked again.
RECOVERY = 10


@pytest.fixture(scope="module")
def sidecar_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    """`reshelf serve` with the order-keeping scorer."""
    folder = tmp_path_factory.mktemp("sidecar")
    with SidecarProcess(folder, settings={"scorer": {"kind": "order"}}) as process:
        yield process


@pytest.fixture(autouse=True)
def impatient(cluster: Cluster) -> None:
    """What is lost here must cost a shopper no longer than the plugin waits by default."""
    wait_as_shoppers_do(cluster.client)


@pytest.fixture
def sidecar(sidecar_process: SidecarProcess, cluster: Cluster) -> SidecarProcess:
    """The same, running, warm, and the only target of the cluster."""
    sidecar_process.resume()
    sidecar_process.start()
    cluster.restore(sidecar_process.grpc_address)
    wait_as_shoppers_do(cluster.client)
    return sidecar_process


def wait_until_reranked(client: SearchClient) -> None:
    wait_until(lambda: reranked_now(client), RECOVERY, what="reranking")


def test_killed(sidecar: SidecarProcess, search: SearchClient) -> None:
    wait_until_reranked(search)
    sidecar.kill()
    watch = search_many(search, 30)
    assert set(watch.outcomes) <= {"unavailable", "breaker_open"}
    assert watch.outcomes[-1] == "breaker_open"
    sidecar.start()
    wait_until_reranked(search)


def test_stopped_in_an_orderly_way(sidecar: SidecarProcess, search: SearchClient) -> None:
    sidecar.stop()
    watch = search_many(search, 20)
    assert set(watch.outcomes) <= {"unavailable", "breaker_open"}
    sidecar.start()
    wait_until_reranked(search)


def test_hanging(sidecar: SidecarProcess, search: SearchClient) -> None:
    """SIGSTOP: connections stay open, nothing answers."""
    sidecar.pause()
    try:
        watch = search_many(search, 30)
        assert set(watch.outcomes) <= {"deadline", "breaker_open"}
        assert "deadline" in watch.outcomes
        assert watch.outcomes[-1] == "breaker_open"
        # The breaker cost no more than a few waits.
        assert watch.counts["deadline"] <= 10
    finally:
        sidecar.resume()
    wait_until_reranked(search)


def test_killed_while_hanging(sidecar: SidecarProcess, search: SearchClient) -> None:
    sidecar.pause()
    search_many(search, 3)
    sidecar.kill()
    search_many(search, 10)
    sidecar.start()
    wait_until_reranked(search)


def test_vanished_into_a_black_hole(search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    """A sidecar that worked is gone, and attempts to reach it are not even refused."""
    wait_until_reranked(search)
    fake.stop()
    with black_hole(fake.port):
        watch = search_many(search, 30)
        assert set(watch.outcomes) <= {"unavailable", "deadline", "breaker_open"}
        assert watch.outcomes[-1] == "breaker_open"
        # Probes meanwhile wait for their own time, never a search for them.
        search_many(search, 30, pause=0.05, budget=0)
    fake.start()
    wait_until_reranked(search)


def test_a_black_hole_from_the_start(search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    cluster.aim()
    fake.stop()
    with black_hole(fake.port):
        cluster.aim(fake.address)
        watch = search_many(search, 20, pause=0.05, budget=0)
        assert set(watch.outcomes) <= {"no_target", "breaker_open"}
    fake.start()
    wait_until_reranked(search)


def test_a_port_that_accepts_and_says_nothing(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    wait_until_reranked(search)
    fake.stop()
    with silence(fake.port):
        watch = search_many(search, 30)
        assert watch.outcomes[-1] == "breaker_open"
        assert set(watch.outcomes) <= {"unavailable", "deadline", "breaker_open"}
    fake.start()
    wait_until_reranked(search)


def test_a_port_where_something_else_listens(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    """OpenSearch's own HTTP port: it answers, but not in gRPC."""
    cluster.aim()
    cluster.aim(cluster.data.url.removeprefix("http://"))
    watch = search_many(search, 10, pause=0.05, budget=0)
    assert set(watch.outcomes) <= {"no_target", "breaker_open"}
    cluster.aim(fake.address)
    wait_until_reranked(search)


@pytest.mark.timeout(300)
def test_a_node_starts_with_one_sidecar_there_and_one_absent(fake: FakeSidecar, cluster: Cluster) -> None:
    """The channel to the one is warm before the first shopper comes; the other joins by itself."""
    with FakeSidecar() as absent:
        absent.stop()
        cluster.aim(fake.address, absent.address)
        cluster.coordinating.stop()
        cluster.coordinating.start()
        wait_until(lambda: _state(cluster, fake) == "closed", 60, what="the channel's warm-up")
        assert _state(cluster, absent) != "closed"
        wait_until_reranked(cluster.front)
        fake.stop()
        watch = search_many(cluster.front, 20)
        assert set(watch.outcomes) <= {"unavailable", "breaker_open"}
        absent.start()
        wait_until_reranked(cluster.front)
        assert absent.calls >= 1


def _state(cluster: Cluster, sidecar: FakeSidecar) -> str | None:
    """How the coordinating node sees it."""
    return cluster.sidecars().get("front", {}).get(sidecar.address)


def test_settings_that_change_all_the_time(search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    """Channels come and go with the settings; none is leaked, no search suffers."""
    for size in range(30):
        search.settings(reshelf__max_message_size=f"{8 + size % 2}mb")
        search_many(search, 1)
    cluster.restore(fake.address)
    wait_until_reranked(search)
