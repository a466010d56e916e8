"""Refuse settings that would open the sidecar to strangers, or that name files which are not there."""

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.config.errors import ConfigurationError

if TYPE_CHECKING:
    from sidecar.config.sidecar import SidecarSettings


def check_exposure(settings: "SidecarSettings", source: str) -> None:
    """Raise unless every listener is on loopback, or protected, or the operator said that it is fine."""
    problems = []
    if not is_loopback(settings.grpc.host):
        tls = settings.grpc.tls
        if tls is None or tls.client_ca is None:
            problems.append(
                f"`grpc.host` {settings.grpc.host} is reachable from other machines: set "
                "`grpc.tls.certificate`, `grpc.tls.key` and `grpc.tls.client_ca` (mutual TLS)"
            )
    if not is_loopback(settings.http.host):
        if settings.http.tls is None:
            problems.append(
                f"`http.host` {settings.http.host} is reachable from other machines: set "
                "`http.tls.certificate` and `http.tls.key`"
            )
        if settings.http.token is None and settings.http.token_file is None:
            problems.append(
                f"`http.host` {settings.http.host} is reachable from other machines: set "
                "`http.token_file`, or RESHELF_HTTP__TOKEN in the environment"
            )
    if problems and not settings.insecure_listen:
        raise ConfigurationError(
            "\n".join(
                f"{source}: {problem}; or listen on 127.0.0.1; or, on a network that is closed by other "
                "means, set `insecure_listen: true`."
                for problem in problems
            )
        )


def check_files(settings: "SidecarSettings", source: str) -> None:
    """Raise for files that are named and not there, before anything is started."""
    named: dict[str, Path | None] = {"http.token_file": settings.http.token_file}
    for listener, tls in (("grpc", settings.grpc.tls), ("http", settings.http.tls)):
        if tls is not None:
            named[f"{listener}.tls.certificate"] = tls.certificate
            named[f"{listener}.tls.key"] = tls.key
            named[f"{listener}.tls.client_ca"] = tls.client_ca
    triton = settings.scorer.triton.tls
    if triton is not None:
        named["scorer.triton.tls.ca"] = triton.ca
        named["scorer.triton.tls.certificate"] = triton.certificate
        named["scorer.triton.tls.key"] = triton.key
    redis = settings.store.redis
    if settings.store.kind == "redis":
        named["store.redis.password_file"] = redis.password_file
        named["store.redis.sentinel_password_file"] = redis.sentinel_password_file
        if redis.tls is not None:
            named["store.redis.tls.ca"] = redis.tls.ca
            named["store.redis.tls.certificate"] = redis.tls.certificate
            named["store.redis.tls.key"] = redis.tls.key
    named |= {f"privacy.key_files.{at}": path for at, path in enumerate(settings.privacy.key_files)}
    for key, path in named.items():
        if path is not None and not path.is_file():
            raise ConfigurationError(
                f"{source}: `{key}`: {path} is not a file. Create it, or correct the key."
            )
    if settings.scorer.kind == "onnx" and settings.scorer.onnx.folder is None:
        raise ConfigurationError(
            f"{source}: `scorer.kind: onnx` needs `scorer.onnx.folder`, a model folder made by "
            "`reshelf model build`."
        )


def check_forgetting(settings: "SidecarSettings", source: str) -> None:
    """Raise where something that is still taken in, or kept, could bring back who was forgotten."""
    forgotten = settings.privacy.forgotten_days
    longer = {"events.max_age_days": settings.events.max_age_days, "served.days": settings.served.days}
    for key, days in longer.items():
        if days > forgotten:
            raise ConfigurationError(
                f"{source}: `privacy.forgotten_days` is {forgotten:g}, `{key}` {days:g}: what is older "
                "than a tombstone would bring a forgotten shopper back. Raise the first or lower the second."
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a listener on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
