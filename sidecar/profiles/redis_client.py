"""Clients of Redis as configured: one server, Sentinel's master, a cluster."""

from pathlib import Path
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected

from sidecar.config.errors import ConfigurationError
from sidecar.config.store import RedisStoreSettings, StoreTls


def connect(settings: RedisStoreSettings) -> "Redis | RedisCluster":
    """A client that connects when it is first used. Raises ConfigurationError for unreadable files."""
    seconds = settings.answer_ms / 1000
    options: dict[str, Any] = {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "socket_keepalive": True,
        "health_check_interval": 0,
        "username": settings.username or None,
        "password": _password(settings.password_file, "password_file"),
        "max_connections": settings.connections,
        **_tls(settings.tls),
    }
    servers = [_host_and_port(address) for address in settings.addresses]
    if settings.mode == "cluster":
        # Once more after asking for the slots anew; its own default would try for seconds.
        return RedisCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in servers],
            retry=Retry(NoBackoff(), 1),
            **options,
        )
    options["db"] = settings.database
    # A pooled connection that the server closed is found out by using it: once more, on a new one.
    options["retry"] = Retry(NoBackoff(), 1, supported_errors=(Disconnected,))
    if settings.mode == "sentinel":
        return _sentinel(settings, servers, options)
    host, port = servers[0]
    return Redis(host=host, port=port, **options)


def _sentinel(settings: RedisStoreSettings, servers: list[tuple[str, int]], options: dict[str, Any]) -> Redis:
    own = {
        "socket_timeout": options["socket_timeout"],
        "socket_connect_timeout": options["socket_connect_timeout"],
        "password": _password(settings.sentinel_password_file, "sentinel_password_file"),
        **_tls(settings.tls),
    }
    sentinel = Sentinel(servers, sentinel_kwargs=own)  # type: ignore[no-untyped-call]
    client: Redis = sentinel.master_for(settings.sentinel_service, **options)
    return client


def _password(file: Path | None, key: str) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"`store.redis.{key}`: {file} cannot be read. Mend path or owner."
        ) from error


def _tls(tls: StoreTls | None) -> dict[str, Any]:
    if tls is None:
        return {}
    return {
        "ssl": True,
        "ssl_cert_reqs": "required",
        "ssl_check_hostname": True,
        "ssl_ca_certs": str(tls.ca) if tls.ca else None,
        "ssl_certfile": str(tls.certificate) if tls.certificate else None,
        "ssl_keyfile": str(tls.key) if tls.key else None,
    }


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
