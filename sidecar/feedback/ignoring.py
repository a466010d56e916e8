"""Events that are not learned from: of crawlers, of the shop's own people, of shoppers who said no."""

import ipaddress
import re
from enum import StrEnum

from sidecar.config.events import Ignored
from sidecar.domain.event import Event
from sidecar.domain.search import Consent
from sidecar.feedback.rate import EventRate


class Reason(StrEnum):
    """Why an event is taken and dropped; the word is in the answer and in the metrics."""

    NO_CONSENT = "no_consent"
    INTERNAL = "internal"
    CRAWLER = "crawler"
    TOO_MANY = "too_many"


class Filter:
    """Tells which events to ignore, by what they say and by how many came."""

    def __init__(self, settings: Ignored) -> None:
        self._applications = frozenset(settings.applications)
        self._clients = frozenset(settings.client_ids)
        self._networks = [ipaddress.ip_network(text) for text in settings.networks]
        self._user_agents = re.compile(settings.user_agents, re.IGNORECASE) if settings.user_agents else None
        self._agents: dict[str, bool] = {}
        self.rate = EventRate(settings.events_a_minute, settings.impressions_a_minute)

    def reason(self, event: Event) -> Reason | None:
        """Why an event is to be ignored; None for one that counts. Does not count it."""
        if event.shopper.consent is Consent.DENIED:
            return Reason.NO_CONSENT
        if event.application in self._applications or event.shopper.client_id in self._clients:
            return Reason.INTERNAL
        if self._networks and self.is_internal(event.attributes.get("ip", "")):
            return Reason.INTERNAL
        if self._is_crawler(event.attributes.get("user_agent", "")):
            return Reason.CRAWLER
        return None

    def is_internal(self, address: str) -> bool:
        """Whether an IP address is in one of the shop's own networks."""
        if not self._networks or not address:
            return False
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        return any((mapped or parsed) in network for network in self._networks)

    def _is_crawler(self, user_agent: str) -> bool:
        if not user_agent or self._user_agents is None:
            return False
        known = self._agents.get(user_agent)
        if known is None:
            known = self._user_agents.search(user_agent[:1024]) is not None
            if len(self._agents) >= 10_000:
                self._agents.clear()
            self._agents[user_agent] = known
        return known
