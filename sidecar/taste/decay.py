"""Forgetting: preferences fall back to nothing, what is known of them to the prior."""

from sidecar.config.personalization import Personalization
from sidecar.taste.state import Taste

DAY = 86_400.0
MINUTE = 60.0


def shares_left(taste: Taste, now: float, settings: Personalization) -> tuple[float, float]:
    """What is left of the long-term and of the session's part at `now`, 0–1; 1 for times before."""
    elapsed = max(0.0, now - taste.updated)
    return (
        0.5 ** (elapsed / (settings.long_term.half_life_days * DAY)),
        0.5 ** (elapsed / (settings.session.half_life_minutes * MINUTE)),
    )


def advance(taste: Taste, now: float, settings: Personalization) -> None:
    """Brings the profile to `now`, in place. A profile that is ahead stays."""
    if now <= taste.updated:
        return
    long, session = shares_left(taste, now, settings)
    taste.long_mean *= long
    taste.long_information *= long
    taste.session_mean *= session
    taste.session_information *= session
    taste.interest *= long
    taste.interest_information *= long
    taste.evidence *= long
    taste.evidence_of = {kind: long * nats for kind, nats in taste.evidence_of.items()}
    taste.updated = now
