"""TLS and mutual TLS between the plugin and a real sidecar, with good certificates and bad ones."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sidecar.stack.sidecar_process import SidecarProcess
from tests.fixtures.certificates import Authority, Pair
from tests.fixtures.cluster import Cluster, wait_until
from tests.fixtures.search_client import SearchClient
from tests.fixtures.watching import reranked_now, search_many

pytestmark = pytest.mark.stack

TRUSTING = {"reshelf.tls.enabled": True, "reshelf.tls.ca_file": "reshelf/ca.pem"}

StartSidecar = Callable[..., SidecarProcess]


def showing(name: str) -> dict[str, Any]:
    """The settings of a node that shows this certificate of its own."""
    return {
        **TRUSTING,
        "reshelf.tls.cert_file": f"reshelf/{name}.pem",
        "reshelf.tls.key_file": f"reshelf/{name}.key",
    }


@pytest.fixture(scope="module")
def start_sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartSidecar]:
    """Start `reshelf serve` with this certificate, asking for its callers' if `client_ca` is given."""
    with ExitStack() as stack:

        def start(pair: Pair, client_ca: bytes | None = None) -> SidecarProcess:
            folder = tmp_path_factory.mktemp("tls-sidecar")
            certificate, key = pair.write(folder / "tls", "sidecar")
            tls: dict[str, Any] = {"certificate": certificate, "key": key}
            if client_ca is not None:
                tls["client_ca"] = folder / "tls" / "clients.pem"
                tls["client_ca"].write_bytes(client_ca)
            settings = {"scorer": {"kind": "order"}, "grpc": {"tls": tls}}
            return stack.enter_context(SidecarProcess(folder, settings=settings))

        yield start


@pytest.fixture(scope="module")
def server(start_sidecar: StartSidecar, authority: Authority) -> SidecarProcess:
    """TLS, with a good certificate."""
    return start_sidecar(authority.issue("sidecar"))


@pytest.fixture(scope="module")
def mutual(start_sidecar: StartSidecar, authority: Authority) -> SidecarProcess:
    """The same, and callers must show a certificate of the same authority."""
    return start_sidecar(authority.issue("sidecar"), authority.certificate)


@pytest.fixture
def connect(cluster: Cluster) -> Iterator[Callable[[SidecarProcess, dict[str, Any]], None]]:
    """Aim the plugin at a sidecar with these settings, and nothing left of earlier connections."""

    def aim(sidecar: SidecarProcess, settings: dict[str, Any]) -> None:
        cluster.aim()
        wait_until(lambda: all(not sidecars for sidecars in cluster.sidecars().values()))
        cluster.client.ok("PUT", "/_cluster/settings", {"transient": settings})
        cluster.aim(sidecar.grpc_address)

    yield aim
    cluster.client.settings(**{"reshelf__*": None})


Connect = Callable[[SidecarProcess, dict[str, Any]], None]


def refused(cluster: Cluster, search: SearchClient, *why: str) -> None:
    """No search is reranked, none fails, and the stats say why."""

    def told() -> bool:
        nodes = cluster.stats().values()
        targets = [target for node in nodes for target in node["client"]["targets"]]
        return len(targets) == 2 and all(target["last_failure"] in why for target in targets)

    wait_until(told, what=f"{why} in the stats")
    watch = search_many(search, 10, budget=0)
    assert set(watch.outcomes) <= {"no_target", "breaker_open"}


def test_good_certificate(
    connect: Connect, server: SidecarProcess, cluster: Cluster, search: SearchClient
) -> None:
    connect(server, TRUSTING)
    cluster.wait_for(server.grpc_address)
    assert reranked_now(search)
    assert reranked_now(cluster.front)


def test_the_wrong_authority(
    connect: Connect, server: SidecarProcess, cluster: Cluster, search: SearchClient
) -> None:
    connect(server, {**TRUSTING, "reshelf.tls.ca_file": "reshelf/stranger-ca.pem"})
    refused(cluster, search, "tls")


def test_the_jdks_authorities_do_not_know_it(
    connect: Connect, server: SidecarProcess, cluster: Cluster, search: SearchClient
) -> None:
    connect(server, {"reshelf.tls.enabled": True})
    refused(cluster, search, "tls")


def test_a_certificate_for_another_host(
    connect: Connect, server: SidecarProcess, cluster: Cluster, search: SearchClient
) -> None:
    connect(server, {**TRUSTING, "reshelf.tls.server_name": "sidecar.example.org"})
    refused(cluster, search, "tls")


def test_the_host_can_be_named(
    connect: Connect,
    start_sidecar: StartSidecar,
    authority: Authority,
    cluster: Cluster,
    search: SearchClient,
) -> None:
    """A certificate for a service's name, reached by an address."""
    sidecar = start_sidecar(authority.issue("sidecar", hosts=("sidecar.example.org",)))
    connect(sidecar, TRUSTING)
    refused(cluster, search, "tls")
    connect(sidecar, {**TRUSTING, "reshelf.tls.server_name": "sidecar.example.org"})
    cluster.wait_for(sidecar.grpc_address)
    assert reranked_now(search)


def test_an_expired_certificate(
    connect: Connect,
    start_sidecar: StartSidecar,
    authority: Authority,
    cluster: Cluster,
    search: SearchClient,
) -> None:
    connect(start_sidecar(authority.issue("sidecar", days=-3)), TRUSTING)
    refused(cluster, search, "tls")


def test_plain_text_to_a_tls_sidecar(
    connect: Connect, server: SidecarProcess, cluster: Cluster, search: SearchClient
) -> None:
    connect(server, {"reshelf.tls.enabled": False})
    refused(cluster, search, "unavailable", "deadline", "tls")


def test_tls_to_a_plain_text_sidecar(
    connect: Connect, tmp_path: Path, cluster: Cluster, search: SearchClient
) -> None:
    with SidecarProcess(tmp_path, settings={"scorer": {"kind": "order"}}) as sidecar:
        connect(sidecar, TRUSTING)
        refused(cluster, search, "tls", "unavailable")
        cluster.client.settings(**{"reshelf__tls__*": None})
        cluster.wait_for(sidecar.grpc_address)
        assert reranked_now(search)


def test_mutual_with_a_good_certificate(
    connect: Connect, mutual: SidecarProcess, cluster: Cluster, search: SearchClient
) -> None:
    connect(mutual, showing("client"))
    cluster.wait_for(mutual.grpc_address)
    assert reranked_now(search)


@pytest.mark.parametrize("name", ["expired", "stranger", None], ids=["expired", "of a stranger", "missing"])
def test_mutual_with_a_bad_certificate(
    name: str | None, connect: Connect, mutual: SidecarProcess, cluster: Cluster, search: SearchClient
) -> None:
    """The sidecar hangs up; with TLS 1.3 that is after the client believes to be connected."""
    connect(mutual, showing(name) if name else TRUSTING)
    refused(cluster, search, "tls", "unavailable")


def test_a_bad_certificate_is_mended_while_running(
    connect: Connect, mutual: SidecarProcess, cluster: Cluster, search: SearchClient
) -> None:
    connect(mutual, showing("expired"))
    refused(cluster, search, "tls", "unavailable")
    cluster.client.ok("PUT", "/_cluster/settings", {"transient": showing("client")})
    cluster.wait_for(mutual.grpc_address)
    assert reranked_now(search)


def test_a_key_that_belongs_to_another_certificate(
    connect: Connect, mutual: SidecarProcess, cluster: Cluster, search: SearchClient
) -> None:
    connect(mutual, {**showing("client"), "reshelf.tls.key_file": "reshelf/stranger.key"})
    watch = search_many(search, 10, pause=0.05, budget=0)
    assert set(watch.outcomes) <= {"no_target", "breaker_open"}
