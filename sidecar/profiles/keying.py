"""Keys in place of ids: what the sidecar keeps of shoppers and searches is HMAC-SHA256 under a secret.

A key says nothing about the id to whoever lacks the secret, and cannot be guessed by trying all ids. Secrets
are rotated by putting a new one in front: what is kept under older ones is found until it has moved.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.domain.search import Shopper

KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class ShopperKeys:
    """A shopper's keys, the current secret's first; () where no such id was told."""

    clients: tuple[bytes, ...] = ()
    users: tuple[bytes, ...] = ()

    @property
    def main(self) -> bytes:
        """The key of the profile that this shopper's events change: the user's before the client's."""
        known = self.users or self.clients
        return known[0] if known else b""


class Keys:
    """Makes keys of 16 bytes. An id's key as a client, as a user and as a query have nothing in common."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        """`secrets` are the current one and then older ones. Raises ValueError for none or an empty one."""
        if not secrets or not all(secrets):
            raise ValueError("keys need at least one secret, and none of them empty")
        # Hashing the secret into its blocks costs as much as the id: it is done once.
        self._bases = [hmac.new(secret, digestmod="sha256") for secret in secrets]

    def __repr__(self) -> str:
        return f"Keys({len(self._bases)} secrets)"

    def client(self, client_id: str) -> bytes:
        """The current key of a client id."""
        return self._key(0, b"client", client_id)

    def user(self, user_id: str) -> bytes:
        """The current key of a user id."""
        return self._key(0, b"user", user_id)

    def query(self, query_id: str) -> bytes:
        """The current key of a query id."""
        return self._key(0, b"query", query_id)

    def all_clients(self, client_id: str) -> list[bytes]:
        """The keys of a client id under every secret, the current one first."""
        return [self._key(at, b"client", client_id) for at in range(len(self._bases))]

    def all_users(self, user_id: str) -> list[bytes]:
        """The keys of a user id under every secret, the current one first."""
        return [self._key(at, b"user", user_id) for at in range(len(self._bases))]

    def all_queries(self, query_id: str) -> list[bytes]:
        """The keys of a query id under every secret, the current one first."""
        return [self._key(at, b"query", query_id) for at in range(len(self._bases))]

    def shopper(self, shopper: Shopper) -> ShopperKeys:
        """All keys of a shopper. Whether the shopper may be remembered is for the caller to ask."""
        return ShopperKeys(
            tuple(self.all_clients(shopper.client_id)) if shopper.client_id else (),
            tuple(self.all_users(shopper.user_id)) if shopper.user_id else (),
        )

    def _key(self, at: int, kind: bytes, identity: str) -> bytes:
        code = self._bases[at].copy()
        code.update(kind + b"\0" + identity.encode("utf-8", "surrogatepass"))
        return code.digest()[:KEY_BYTES]
