"""From an event to a changed profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sidecar.config.personalization import EventWeights, Personalization
from sidecar.domain.event import EventKind, KeyedEvent
from sidecar.taste.click_model import click_gradient, information, log_likelihood, skip_gradient
from sidecar.taste.decay import advance
from sidecar.taste.evidence import weigh
from sidecar.taste.seen_list import SeenList, seen_list
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import (
    DIGEST_PREFIX,
    MOST_OUTCOMES,
    MOST_PAGES,
    MOST_RECENT,
    OpenPage,
    RecentEvent,
    Taste,
)
from sidecar.taste.step import learn


class Effect(StrEnum):
    """What an event did to a profile; the words of the metrics' label."""

    LEARNED = "learned"
    SEEN = "seen"
    """An impression: remembered for when the page closes."""
    WEAKER = "weaker"
    """Something as strong or stronger on the same hit counts already."""
    REPEATED = "repeated"
    NOT_LEARNED_FROM = "not_learned_from"
    """The kind of event says nothing about a taste."""
    UNKNOWN_LIST = "unknown_list"
    UNKNOWN_HIT = "unknown_hit"
    FETCHED_HIT = "fetched_hit"
    """A layout rule had it fetched: nobody knows its traits."""


@dataclass(slots=True)
class Learned:
    """What one event did.

    `pages` closed, `skips`: hits on them that count as not wanted. `evidence`: by how many nats the taste
    foretold this click better than relevance alone, before it was learned from. `log_loss`,
    `log_loss_without`: of the closed pages' outcomes (sums over `outcomes` hits), with and without the taste.
    """

    effect: Effect
    pages: int = 0
    skips: int = 0
    evidence: float = 0.0
    outcomes: int = 0
    log_loss: float = 0.0
    log_loss_without: float = 0.0


def needed(taste: Taste, event: KeyedEvent) -> list[bytes]:
    """The keys of the searches whose served lists `update` wants: the event's, and of pages still open."""
    queries = [event.query, *(page.query for page in taste.pages)]
    return [query for query in dict.fromkeys(queries) if query]


def update(
    taste: Taste,
    event: KeyedEvent,
    lists: Mapping[bytes, ServedList],
    settings: Personalization,
    now: float,
) -> Learned:
    """Learns from one event, in place. `lists` are those that `needed` asked for, as far as they are known.

    A click counts at once, a stronger event on the same hit adds the difference of the weights. What was not
    clicked counts when its page closes: when an event names another search after `page_close_seconds` of
    quiet, or three later pages are open. Events may come late, in any order and repeatedly; those that are
    dated after `now` (seconds since 1970) count as of now. A hit's propensity is not needed here: given where
    it stood, its outcome says the same whatever the chance that it stood there.
    """
    if taste.has_seen(event.digest):
        return Learned(Effect.REPEATED)
    moment = min(event.time, now)
    advance(taste, moment, settings)
    learned = Learned(Effect.NOT_LEARNED_FROM)
    _remember(taste, event, moment)
    for page in [page for page in taste.pages if _is_over(page, event.query, moment, settings)]:
        _close(taste, page, lists, settings, learned)
    if event.kind is EventKind.OTHER or not event.query:
        return learned
    served = lists.get(event.query)
    if served is None:
        learned.effect = Effect.UNKNOWN_LIST
        return learned
    place = place_of(event, served)
    if place is None:
        learned.effect = Effect.UNKNOWN_HIT
        return learned
    page = _open(taste, event.query, moment, lists, settings, learned)
    if event.kind is EventKind.IMPRESSION:
        # As the shopper saw it, where that is told: what the shop put between the hits moved them down.
        page.deepest = max(page.deepest, event.position - 1 if event.position > 0 else place)
        learned.effect = Effect.SEEN
        return learned
    if served.fetched[place]:
        learned.effect = Effect.FETCHED_HIT
        return learned
    _count(taste, event.kind, place, page, served, settings, learned)
    return learned


def place_of(event: KeyedEvent, served: ServedList) -> int | None:
    """The event's hit in the list, from 0, or None."""
    try:
        return served.ids.index(event.object_id)
    except ValueError:
        return None


def _count(
    taste: Taste,
    kind: EventKind,
    place: int,
    page: OpenPage,
    served: ServedList,
    settings: Personalization,
    learned: Learned,
) -> None:
    before = page.outcomes.get(place)
    gain = weight_of(kind, settings.weights) - (weight_of(before, settings.weights) if before else 0.0)
    if gain <= 0:
        learned.effect = Effect.WEAKER
        return
    learned.effect = Effect.LEARNED
    page.outcomes[place] = kind
    if len(page.outcomes) > MOST_OUTCOMES:
        del page.outcomes[next(iter(page.outcomes))]
    seen = seen_list(taste, served, page, settings)
    if before is None:
        learned.evidence = weigh(taste, seen, place)
    logits = seen.relevance + seen.taste
    only = np.zeros(len(logits))
    only[place] = gain
    # A click proves that the hit was seen.
    learn(
        taste, seen, only * click_gradient(logits), only * information(logits, np.ones(len(logits))), settings
    )
    taste.learned += 1


def weight_of(kind: EventKind, weights: EventWeights) -> float:
    """What an event counts; 0 for kinds that are not learned from."""
    match kind:
        case EventKind.CLICK:
            return weights.click
        case EventKind.ADD_TO_CART:
            return weights.add_to_cart
        case EventKind.PURCHASE:
            return weights.purchase
        case _:
            return 0.0


def _remember(taste: Taste, event: KeyedEvent, moment: float) -> None:
    taste.recent.append(RecentEvent(event.digest[:DIGEST_PREFIX], event.kind, moment))
    del taste.recent[:-MOST_RECENT]


def _is_over(page: OpenPage, query: bytes, moment: float, settings: Personalization) -> bool:
    return page.query != query and moment - page.time >= settings.page_close_seconds


def _open(
    taste: Taste,
    query: bytes,
    moment: float,
    lists: Mapping[bytes, ServedList],
    settings: Personalization,
    learned: Learned,
) -> OpenPage:
    page = taste.page_of(query)
    if page is None:
        page = OpenPage(query, moment)
        taste.pages.append(page)
        while len(taste.pages) > MOST_PAGES:
            _close(taste, taste.pages[0], lists, settings, learned)
    page.time = max(page.time, moment)
    return page


def _close(
    taste: Taste,
    page: OpenPage,
    lists: Mapping[bytes, ServedList],
    settings: Personalization,
    learned: Learned,
) -> None:
    """Learns from what was not clicked on a page, and takes it off the open ones."""
    taste.pages.remove(page)
    learned.pages += 1
    served = lists.get(page.query)
    if served is None:
        return
    seen = seen_list(taste, served, page, settings)
    clicked = np.zeros(len(seen.chances))
    clicked[[place for place in page.outcomes if place < len(clicked)]] = 1.0
    _measure(seen, clicked, learned)
    logits, chances = seen.relevance + seen.taste, seen.chances * (1.0 - clicked)
    learn(taste, seen, skip_gradient(logits, chances), information(logits, chances), settings)


def _measure(seen: SeenList, clicked: np.ndarray, learned: Learned) -> None:
    # Clicks were learned from already, so only what the page's other hits cost is foretold; both alike.
    skipped = (clicked == 0) & (seen.chances > 0)
    for name, logits in (("log_loss", seen.relevance + seen.taste), ("log_loss_without", seen.relevance)):
        lost = -log_likelihood(logits[skipped], seen.chances[skipped], clicked[skipped]).sum()
        setattr(learned, name, getattr(learned, name) + float(lost))
    learned.skips += int(skipped.sum())
    learned.outcomes += int(skipped.sum())
