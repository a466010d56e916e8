"""Who gets what when shares of shoppers do: the same one each time, and nobody can tell who."""

import hashlib
from collections.abc import Callable

from sidecar.domain.search import Shopper
from sidecar.profiles.keying import Keys

Chance = Callable[[str], float]
"""A number in [0, 1) that stays the same for a shopper and the text that it is given (a rule's id)."""


def chance_of(shopper: Shopper, keys: Keys | None) -> Chance:
    """For a shopper who told an id. With `keys` only who has the secret can tell the number."""
    if keys is not None:
        main = keys.shopper(shopper).main
    else:
        main = hashlib.blake2b(
            (shopper.user_id or shopper.client_id).encode("utf-8", "surrogatepass")
        ).digest()

    def chance(salt: str) -> float:
        digest = hashlib.blake2b(salt.encode(), key=main[:64], digest_size=8).digest()
        return (int.from_bytes(digest) >> 11) / (1 << 53)

    return chance
