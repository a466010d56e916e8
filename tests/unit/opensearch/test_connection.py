"""What people read when a cluster cannot be reached."""

import socket

import pytest
import typer
from opensearchpy.exceptions import AuthenticationException, AuthorizationException, TransportError

from sidecar.cli.opensearch_target import told_problems
from sidecar.opensearch.connection import BLOCKED, connect, explained
from sidecar.opensearch.errors import ClusterError


def test_a_url_that_is_none_is_refused() -> None:
    for url in ("localhost:9200", "ftp://x", "http://"):
        with pytest.raises(ClusterError, match="is no URL of a cluster"):
            connect(url)


def test_nobody_listening_says_how_to_start_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ClusterError) as refused, explained("looking"):
            connect(url).info()
    assert "reshelf stack up" in str(refused.value)
    assert "RESHELF_OPENSEARCH" in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "status", "error", "why", "told"),
    [
        (
            AuthorizationException,
            403,
            BLOCKED,
            "blocked by: [FORBIDDEN/5/index read-only (api)];",
            "index.blocks",
        ),
        (
            TransportError,
            429,
            BLOCKED,
            "blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded];",
            "full disk",
        ),
        (
            AuthorizationException,
            403,
            "security_exception",
            "no permissions for x",
            "RESHELF_OPENSEARCH_USER",
        ),
        (AuthenticationException, 401, "", "Unauthorized", "RESHELF_OPENSEARCH_PASSWORD"),
        (TransportError, 500, "boom", "it broke", "answered 500: it broke"),
    ],
)
def test_what_was_refused_says_what_to_do(
    kind: type[TransportError], status: int, error: str, why: str, told: str
) -> None:
    info = {"error": {"root_cause": [{"type": error, "reason": why}], "type": error}}
    with pytest.raises(ClusterError) as refused, explained("writing"):
        raise kind(status, error, info)
    assert told in str(refused.value)
    assert why in str(refused.value)
    assert ("RESHELF" in str(refused.value)) == (status in (401, 403) and error != BLOCKED)


def test_the_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESHELF_OPENSEARCH_USER", "me")
    monkeypatch.setenv("RESHELF_OPENSEARCH_PASSWORD", "secret")
    connection = connect("https://127.0.0.1:1").transport.get_connection()
    assert "authorization" in {name.lower() for name in connection.headers}


def test_a_missing_package_names_the_extra(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), told_problems():
        raise ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")
    assert "`pyarrow` is missing" in capsys.readouterr().err


def test_our_own_mistakes_are_not_told_as_missing_packages() -> None:
    with pytest.raises(ModuleNotFoundError), told_problems():
        raise ModuleNotFoundError("No module named 'sidecar.nothing'", name="sidecar.nothing")
