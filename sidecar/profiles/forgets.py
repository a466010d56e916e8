"""What else knows of shoppers, beside their profiles, and can forget them."""

from collections.abc import Sequence
from typing import Protocol


class Forgets(Protocol):
    """One place. `name` is what people are told of it."""

    name: str

    async def forget(self, shoppers: Sequence[bytes], now: float) -> int:
        """Removes what is known of shoppers by their keys; how much. Late events do not bring it back."""
        ...

    async def close(self) -> None:
        """Gives back connections and files."""
        ...
