"""TLS and mutual TLS of both listeners, with certificates made on the spot."""

import ssl
from pathlib import Path

import grpc
import httpx
import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.config.sidecar import ServerTls
from sidecar.server.tls import check
from tests.fixtures.certificates import Authority, Pair
from tests.fixtures.service import request, running, settings, stub


@pytest.fixture(scope="module")
def sidecars() -> Authority:
    return Authority("sidecars")


@pytest.fixture(scope="module")
def callers() -> Authority:
    return Authority("callers")


@pytest.fixture
def tls(tmp_path: Path, sidecars: Authority, callers: Authority) -> dict[str, Path]:
    certificate, key = sidecars.issue("sidecar").write(tmp_path, "sidecar")
    client_ca = tmp_path / "callers.pem"
    client_ca.write_bytes(callers.certificate)
    return {"certificate": certificate, "key": key, "client_ca": client_ca}


def credentials(root: bytes, shown: Pair | None = None) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(
        root, shown.key if shown else None, shown.certificate if shown else None
    )


async def test_grpc_with_the_right_certificates(
    tls: dict[str, Path], sidecars: Authority, callers: Authority
) -> None:
    shown = credentials(sidecars.certificate, callers.issue("opensearch"))
    async with running(settings(grpc={"tls": tls})) as service, stub(service, shown) as client:
        assert (await client.Rerank(request(["a"]), timeout=5)).reranked


@pytest.mark.parametrize("case", ["none", "expired", "of a stranger", "plain text", "does not trust us"])
async def test_grpc_lets_nobody_else_in(
    case: str, tls: dict[str, Path], sidecars: Authority, callers: Authority
) -> None:
    stranger = Authority("a stranger")
    shown = {
        "none": credentials(sidecars.certificate),
        "expired": credentials(sidecars.certificate, callers.issue("opensearch", days=-1)),
        "of a stranger": credentials(sidecars.certificate, stranger.issue("opensearch")),
        "plain text": None,
        "does not trust us": credentials(stranger.certificate, callers.issue("opensearch")),
    }[case]
    async with running(settings(grpc={"tls": tls})) as service, stub(service, shown) as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.Rerank(request(["a"]), timeout=5)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_http_over_tls(tls: dict[str, Path], sidecars: Authority) -> None:
    one_sided = {name: tls[name] for name in ("certificate", "key")}
    trust = ssl.create_default_context(cadata=sidecars.certificate.decode())
    async with running(settings(http={"tls": one_sided})) as service:
        assert service.http.address.startswith("https://127.0.0.1:")
        async with httpx.AsyncClient(verify=trust) as client:
            assert (await client.get(f"{service.http.address}/health/ready")).status_code == 200
        async with httpx.AsyncClient() as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(f"{service.http.address}/health/ready")


async def test_http_over_mutual_tls(
    tls: dict[str, Path], sidecars: Authority, callers: Authority, tmp_path: Path
) -> None:
    trust = ssl.create_default_context(cadata=sidecars.certificate.decode())
    async with running(settings(http={"tls": tls})) as service:
        async with httpx.AsyncClient(verify=trust) as client:
            with pytest.raises(httpx.TransportError):
                await client.get(f"{service.http.address}/health/ready")
        trust.load_cert_chain(*callers.issue("tool").write(tmp_path, "tool"))
        async with httpx.AsyncClient(verify=trust) as client:
            assert (await client.get(f"{service.http.address}/health/ready")).status_code == 200


def test_files_that_are_no_certificates(tmp_path: Path, tls: dict[str, Path]) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("junk")
    with pytest.raises(ConfigurationError, match=r"junk\.pem"):
        check(ServerTls(certificate=junk, key=tls["key"]))
    with pytest.raises(ConfigurationError, match="no authority"):
        check(ServerTls(**{**tls, "client_ca": junk}))
    _, other_key = Authority("another").issue("x").write(tmp_path, "other")
    with pytest.raises(ConfigurationError, match="not a certificate and its key"):
        check(ServerTls(certificate=tls["certificate"], key=other_key))
