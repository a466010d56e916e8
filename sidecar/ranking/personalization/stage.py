"""Personalization: the bounded effect of what this shopper likes, on top of relevance."""

import time
from collections.abc import Callable

from sidecar.config.personalization import Personalization
from sidecar.config.profile import Profile
from sidecar.domain.search import Search
from sidecar.profiles.keying import Keys, ShopperKeys
from sidecar.ranking.permission import reason_against
from sidecar.ranking.personalization.metrics import PersonalizationMetrics
from sidecar.ranking.personalization.personal_search import Parts, PersonalSearch
from sidecar.ranking.personalization.pins import Pins
from sidecar.ranking.personalization.prepared import Prepared
from sidecar.ranking.personalization.reading import ProfileReading, ReadsProfiles
from sidecar.ranking.personalization.shared import NothingShared, SharedKnowledge

NOBODY = ShopperKeys()


class PersonalizationStage:
    """Orders hits by relevance and taste. One for all searches; `begin` makes each its own stage."""

    def __init__(
        self,
        profiles: ReadsProfiles,
        keys: Keys,
        metrics: PersonalizationMetrics,
        *,
        patience: float,
        consent_required: bool = False,
        switched_on: Callable[[], bool] = lambda: True,
        shared: SharedKnowledge | None = None,
        pins: Pins | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`patience` is how many seconds a search waits for its profile beyond the relevance stage."""
        self._profiles = profiles
        self._keys = keys
        self._patience = patience
        self._consent_required = consent_required
        self._switched_on = switched_on
        self._parts = Parts(shared or NothingShared(), metrics, pins if pins is not None else Pins(), clock)
        self._prepared: dict[int, tuple[Personalization, Prepared]] = {}

    def begin(self, search: Search, profile: Profile) -> PersonalSearch | None:
        """This search's stage, its profile being read from now on; None where the ranking profile has no
        personalization."""
        settings = profile.personalization
        if settings is None or not settings.enabled:
            return None
        reason = reason_against(
            search, switched_on=self._switched_on(), consent_required=self._consent_required
        )
        strength = settings.strength if search.strength is None else search.strength
        if search.browses:
            strength *= settings.browsing
        shopper = NOBODY if reason or not strength else self._keys.shopper(search.shopper)
        query = self._keys.query(search.query_id) if search.query_id and shopper.main else b""
        pinned = self._parts.pins.find(search, query, shopper.main)
        reading = None
        if shopper.main and pinned is None:
            reading = ProfileReading(self._profiles, shopper, search.deadline, self._patience)
        return PersonalSearch(
            self._parts, self._ready(settings), reason, strength, (query, shopper.main), pinned, reading
        )

    def _ready(self, settings: Personalization) -> Prepared:
        """By identity: sections are made once, at the start, and cannot change."""
        known = self._prepared.get(id(settings))
        if known is None:
            known = self._prepared[id(settings)] = (settings, Prepared(settings))
        return known[1]
