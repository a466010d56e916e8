"""TLS of the listeners, from PEM files."""

import ssl
from pathlib import Path

import grpc

from sidecar.config.errors import ConfigurationError
from sidecar.config.sidecar import ServerTls


def grpc_credentials(tls: ServerTls) -> grpc.ServerCredentials:
    """What the gRPC listener shows, and whom it lets in. Raises ConfigurationError for unusable files."""
    check(tls)
    return grpc.ssl_server_credentials(
        [(_read(tls.key), _read(tls.certificate))],
        root_certificates=_read(tls.client_ca) if tls.client_ca else None,
        require_client_auth=tls.client_ca is not None,
    )


def check(tls: ServerTls) -> ssl.SSLContext:
    """The files as Python's ssl reads them: gRPC itself would only say that a handshake failed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except (ssl.SSLError, OSError) as error:
        raise ConfigurationError(
            f"{tls.certificate} and {tls.key} are not a certificate and its key in PEM: {error}"
        ) from error
    if tls.client_ca is not None:
        try:
            context.load_verify_locations(tls.client_ca)
        except (ssl.SSLError, OSError) as error:
            raise ConfigurationError(f"{tls.client_ca} holds no authority in PEM: {error}") from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _read(path: Path) -> bytes:
    return path.read_bytes()
