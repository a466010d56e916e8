"""Connect to a cluster: a local one as it is, a real one with a password and TLS from the environment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from opensearchpy import OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    OpenSearchException,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import (
    ConnectionError as UnreachableError,
)
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from sidecar.opensearch.errors import ClusterError

DEFAULT_URL = "http://127.0.0.1:9200"
BLOCKED = "cluster_block_exception"


class ClusterAccess(BaseSettings):
    """How to be let in: environment variables RESHELF_OPENSEARCH_USER, _PASSWORD, _CA and _INSECURE."""

    model_config = SettingsConfigDict(env_prefix="RESHELF_OPENSEARCH_")

    user: str | None = None
    password: SecretStr | None = None
    ca: str | None = None
    insecure: bool = False


def connect(url: str = DEFAULT_URL, *, timeout: float = 60.0, retries: int = 2) -> OpenSearch:
    """A client for the cluster at `url`; `timeout` in seconds is for each try of a request.

    Raises ClusterError for a URL that is none. Opens no connection yet.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ClusterError(f"`{url}` is no URL of a cluster. Write it like {DEFAULT_URL}.")
    access = ClusterAccess()
    options: dict[str, Any] = {"timeout": timeout, "max_retries": retries, "retry_on_status": (502, 503, 504)}
    if access.user and access.password:
        options["http_auth"] = (access.user, access.password.get_secret_value())
    if parts.scheme == "https":
        options |= {
            "use_ssl": True,
            "verify_certs": not access.insecure,
            "ssl_show_warn": not access.insecure,
            "ca_certs": access.ca,
        }
    return OpenSearch(url, **options)


@contextmanager
def explained(doing: str, named: str = "with --opensearch or RESHELF_OPENSEARCH") -> Iterator[None]:
    """Turn the client's exceptions into ClusterError: what was being done, what went wrong, the fix.

    `named` says how a caller of another kind names the cluster: not every command has the option.
    """
    try:
        yield
    except ConnectionTimeout as error:
        raise ClusterError(f"{doing}: OpenSearch did not answer in time ({error.info}).") from error
    except SSLError as error:
        raise ClusterError(
            f"{doing}: TLS failed ({error.info}). Name the cluster's CA in RESHELF_OPENSEARCH_CA."
        ) from error
    except UnreachableError as error:
        raise ClusterError(
            f"{doing}: OpenSearch cannot be reached ({error.info}). Start the local stack with "
            f"`reshelf stack up`, or name your cluster {named}."
        ) from error
    except TransportError as error:
        raise ClusterError(f"{doing}: {_answered(error)}") from error
    except OpenSearchException as error:
        raise ClusterError(f"{doing}: {error}") from error


def _answered(error: TransportError) -> str:
    """What OpenSearch answered, and the fix."""
    if error.error == BLOCKED:
        # Answered as 403 as well, or as 429, but no other user could do it.
        return (
            f"OpenSearch has a block on it ({reason(error)}). Take the block away: it is one of the settings "
            "`index.blocks.*` or `cluster.blocks.*`. One that a full disk brought goes when space is freed."
        )
    if isinstance(error, AuthenticationException | AuthorizationException):
        return (
            f"OpenSearch refused the user ({reason(error)}). Set RESHELF_OPENSEARCH_USER and "
            "RESHELF_OPENSEARCH_PASSWORD to one who may."
        )
    return f"OpenSearch answered {error.status_code}: {reason(error)}"


def reason(error: TransportError) -> str:
    """The most telling sentence of OpenSearch's error body: the root cause's reason."""
    info = error.info
    if isinstance(info, dict) and isinstance(info.get("error"), dict):
        details = info["error"]
        causes = details.get("root_cause") or [details]
        return str(causes[0].get("reason") or details.get("reason") or error.error)
    return str(error.error)
