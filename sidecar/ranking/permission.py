"""Whether a search may be personal, and whether its shopper may be remembered."""

from sidecar.domain.ranking import SkipReason
from sidecar.domain.search import Consent, Search, Shopper


def may_be_remembered(shopper: Shopper, *, consent_required: bool) -> bool:
    """Whether the shopper agreed, or did not say and need not. A denial is always obeyed."""
    if shopper.consent is Consent.UNSPECIFIED:
        return not consent_required
    return shopper.consent is Consent.GRANTED


def reason_against(search: Search, *, switched_on: bool, consent_required: bool) -> str:
    """The `SkipReason` that forbids a personal order, or "". An anonymous shopper is none."""
    if not switched_on:
        return SkipReason.SWITCHED_OFF
    if search.context.crawler:
        return SkipReason.CRAWLER
    shopper = search.shopper
    told = shopper.client_id or shopper.user_id
    if told and not may_be_remembered(shopper, consent_required=consent_required):
        return SkipReason.NO_CONSENT
    return ""
