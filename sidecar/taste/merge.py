"""Two profiles of one shopper made one: what an anonymous client learned joins the user's on login."""

import numpy as np

from sidecar.config.personalization import Personalization
from sidecar.taste.decay import advance
from sidecar.taste.evidence import bounded
from sidecar.taste.preferences import evict, make_room
from sidecar.taste.state import MOST_PAGES, MOST_RECENT, Taste


def merged(user: Taste, client: Taste, now: float, settings: Personalization | None = None) -> Taste:
    """A new profile of both at `now`; neither argument is changed.

    Two sets of observations under one prior: information adds up, means are weighed by precision.
    """
    settings = settings or Personalization()
    result, other = user.copy(), client.copy()
    advance(result, now, settings)
    advance(other, now, settings)
    rows = make_room(result, other.keys, now)
    for scale, prior in (("long", settings.long_term.precision), ("session", settings.session.precision)):
        mean, information = getattr(result, f"{scale}_mean"), getattr(result, f"{scale}_information")
        more = getattr(other, f"{scale}_information")
        pulled = (prior + information[rows]) * mean[rows] + (prior + more) * getattr(other, f"{scale}_mean")
        information[rows] += more
        mean[rows] = pulled / (prior + information[rows])
    result.seen[rows] = np.maximum(
        np.where(result.seen[rows] < now, result.seen[rows], other.seen), other.seen
    )
    _merge_interest(result, other, settings)
    evict(result)
    result.evidence = bounded(result.evidence + other.evidence)
    for kind, nats in other.evidence_of.items():
        result.evidence_of[kind] = bounded(result.evidence_of.get(kind, 0.0) + nats)
    result.learned += client.learned
    known = {event.digest for event in result.recent}
    events = [*result.recent, *(event for event in other.recent if event.digest not in known)]
    result.recent = sorted(events, key=lambda event: event.time)[-MOST_RECENT:]
    open_already = {page.query for page in result.pages}
    pages = [*result.pages, *(page for page in other.pages if page.query not in open_already)]
    result.pages = sorted(pages, key=lambda page: page.time)[-MOST_PAGES:]
    return result


def _merge_interest(result: Taste, other: Taste, settings: Personalization) -> None:
    """As with preferences. Of interests in different vectors the user's stays."""
    if not len(other.interest):
        return
    if not len(result.interest):
        result.interest = np.zeros(len(other.interest))
    if len(result.interest) != len(other.interest):
        return
    prior = settings.item_vector.precision if settings.item_vector else settings.long_term.precision
    mine, more = result.interest_information, other.interest_information
    pulled = (prior + mine) * result.interest + (prior + more) * other.interest
    result.interest = pulled / (prior + mine + more)
    result.interest_information = mine + more
