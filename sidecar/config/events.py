"""The section `events` of the sidecar's settings: what shoppers did, and how it comes in."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from sidecar.config.strict import Strict
from sidecar.domain.event import EventKind

DEFAULT_ACTIONS: Mapping[str, EventKind] = {
    **dict.fromkeys(("impression", "view", "product_view", "item_view"), EventKind.IMPRESSION),
    **dict.fromkeys(
        ("click", "item_click", "product_click", "result_click", "click_through", "select_item"),
        EventKind.CLICK,
    ),
    **dict.fromkeys(("add_to_cart", "add_to_basket", "cart", "basket"), EventKind.ADD_TO_CART),
    **dict.fromkeys(("purchase", "buy", "checkout", "order", "conversion"), EventKind.PURCHASE),
}
"""What UBI's writers call things. Names are compared in lower case, with `-` and blanks as `_`."""

CRAWLERS = r"bot\b|crawl|spider|slurp|headless|phantomjs|python-requests|curl/|wget/|lighthouse"


def action_name(name: str) -> str:
    """An action's name as it is compared."""
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def _network(text: str) -> str:
    ipaddress.ip_network(text)
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return text


Network = Annotated[str, AfterValidator(_network)]


class JournalSettings(Strict):
    """The file in which accepted events wait until they are applied. One sidecar each.

    What waits is bounded by `events` and `max_mib`; beyond, events are answered with "try again". What was
    applied stays for `replay_minutes`, so that a store that lost its last writes can be given them again.
    A repeated event is known for `repeats_days`, or for `repeats_events` later ones where that is sooner.
    """

    path: Path | None = Field(default=None, description="default: journal.db in the state folder")
    events: int = Field(default=1_000_000, ge=100, le=100_000_000, description="that wait to be applied")
    max_mib: int = Field(
        default=2048, ge=8, le=1_048_576, description="of the file; then nothing is taken in"
    )
    replay_minutes: float = Field(default=10, ge=0, le=10_080)
    repeats_days: float = Field(default=7, gt=0, le=365)
    repeats_events: int = Field(default=5_000_000, ge=1000, le=1_000_000_000)


class Ignored(Strict):
    """Events that are answered as taken and are not learned from: crawlers, and the shop's own people."""

    applications: tuple[str, ...] = ()
    client_ids: tuple[str, ...] = ()
    networks: tuple[Network, ...] = Field(
        default=(), description="of `event_attributes.ip`, and of HTTP callers"
    )
    user_agents: Annotated[str, AfterValidator(_pattern)] = Field(
        default=CRAWLERS, description="a regular expression, searched in `event_attributes.browser`"
    )
    header: str = Field(
        default="x-reshelf-internal",
        pattern=r"^[a-z0-9-]*$",
        description="HTTP header or gRPC metadata that marks a request as internal; empty: none",
    )
    events_a_minute: int = Field(default=120, ge=0, description="of one client, impressions aside; 0: any")
    impressions_a_minute: int = Field(default=2000, ge=0, description="of one client; 0: any")


class Follow(Strict):
    """Reading the events that the shop itself writes to OpenSearch. Of several sidecars one does."""

    enabled: bool = False
    url: str = Field(default="http://127.0.0.1:9200", description="user, password, CA: RESHELF_OPENSEARCH_…")
    events: str = Field(default="ubi_events", min_length=1, description="index, alias or pattern")
    queries: str = Field(default="ubi_queries", description="where clients of queries are found; empty: none")
    lease_index: str = Field(default="reshelf-follower", pattern=r"^[a-z0-9][a-z0-9._-]*$")
    poll_ms: int = Field(default=1000, ge=50, le=600_000)
    lease_ms: int = Field(default=15_000, ge=500, le=3_600_000, description="unchanged so long: taken over")
    page: int = Field(default=500, ge=1, le=10_000, description="events read at a time")


class EventSettings(Strict):
    """How events are read, refused, ignored and kept until they are applied."""

    actions: dict[str, EventKind] = Field(default={}, description="action_name → kind, above the defaults")
    object_field: str = Field(default="object_id", pattern="^(object_id|internal_id)$")
    first_position: int = Field(default=1, ge=0, le=1, description="the ordinal of a list's first hit")
    first_positions: dict[str, int] = Field(default={}, description="by application, where it differs")
    max_age_days: float = Field(default=365, gt=0, le=36_500)
    max_future_minutes: float = Field(default=10, ge=0, le=1440)
    max_position: int = Field(default=10_000, ge=1, le=1_000_000)
    max_event_kib: int = Field(default=32, ge=1, le=1024)
    max_events: int = Field(default=2000, ge=1, le=1_000_000, description="in one request")
    max_body_mib: int = Field(default=4, ge=1, le=1024)
    max_waiting: int = Field(default=20_000, ge=1, le=10_000_000, description="on their way to the disk")
    ignored: Ignored = Ignored()
    journal: JournalSettings = JournalSettings()
    follow: Follow = Follow()

    @field_validator("actions")
    @classmethod
    def _compared(cls, actions: dict[str, EventKind]) -> dict[str, EventKind]:
        return {action_name(name): kind for name, kind in actions.items()}

    @field_validator("first_positions")
    @classmethod
    def _from_0_or_1(cls, first: dict[str, int]) -> dict[str, int]:
        for application, position in first.items():
            if position not in (0, 1):
                raise ValueError(f"{application}: {position}; a list begins with 0 or 1")
        return first

    def kinds(self) -> dict[str, EventKind]:
        """What each action's name means; names that are not here are `EventKind.OTHER`."""
        return {**DEFAULT_ACTIONS, **self.actions}

    def first_of(self, application: str) -> int:
        """The ordinal that an application gives to a list's first hit."""
        return self.first_positions.get(application, self.first_position)
