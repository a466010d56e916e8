"""What a shopper did, as it was told, and as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sidecar.domain.search import Shopper


class EventKind(StrEnum):
    """What events mean to learning, weakest first. `OTHER` is kept and not learned from."""

    OTHER = "other"
    IMPRESSION = "impression"
    CLICK = "click"
    ADD_TO_CART = "add_to_cart"
    PURCHASE = "purchase"


@dataclass(frozen=True, slots=True)
class Event:
    """One event as its sender told it, checked.

    `id` may be "". `time` is in seconds since 1970, UTC. `object_id` names the hit by the field that the
    shop's events use, usually the document's _id. `position` is the place as the shopper saw it, from 1; 0
    where it was not told. `dwell` is in seconds; 0 where it was not told.
    """

    kind: EventKind
    time: float
    shopper: Shopper
    id: str = ""
    query_id: str = ""
    object_id: str = ""
    position: int = 0
    dwell: float = 0.0
    action: str = ""
    application: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyedEvent:
    """An event as it is kept: no id of a shopper or a search, only keys that a secret makes of them.

    `digest` (16 bytes) is the same for every delivery of one event. `query`, `client`, `user` (16 bytes) are
    b"" where nothing was told; `client` and `user` as well where the shopper may not be remembered.
    """

    digest: bytes
    kind: EventKind
    time: float
    query: bytes
    client: bytes
    user: bytes
    object_id: str
    position: int = 0
    dwell: float = 0.0
