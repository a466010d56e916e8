"""Rows to train on, from what was served and what came of it. No shopper's key is in them."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from sidecar.domain.event import EventKind
from sidecar.served.log import Outcome, ServedRow
from sidecar.taste.served_list import ServedList

STRENGTH = {EventKind.IMPRESSION: 0, EventKind.CLICK: 1, EventKind.ADD_TO_CART: 2, EventKind.PURCHASE: 3}
DIGITS = 5


def list_row(row: ServedRow) -> dict[str, Any]:
    """A list as one JSON object: `hits` in the order of the answer, with their strongest outcome, or none.

    `seen`: the hit was on a page that was asked for, so that no outcome means something. A document that a
    layout rule had fetched is `fetched` and has no figures; it is `seen` where an outcome says so.
    """
    served = row.served
    strongest = _strongest(row.outcomes)
    start, end = _pages(row)
    return {
        "query": served.query.hex(),
        "time": round(served.time, 3),
        "page_start": served.page_start,
        "page_size": served.page_size,
        "device": served.device,
        "locale": served.locale,
        "channel": served.channel,
        "specificity": _number(served.intent_specificity),
        "versions": dict(served.versions or {}),
        "arms": dict(served.arms or {}),
        "hits": [
            {
                "id": one,
                **({"fetched": True} if fetched else _figures(served, place)),
                "seen": place in strongest if fetched else start <= place < end,
                **_told(strongest.get(place)),
            }
            for place, (one, fetched) in enumerate(zip(served.ids, served.fetched.tolist(), strict=True))
        ],
    }


def _figures(served: ServedList, place: int) -> dict[str, Any]:
    features = map(_number, served.features[place].tolist())
    return {
        "rank": int(served.ranks[place]),
        "score": _number(served.scores[place]),
        "residual": _number(served.residuals[place]),
        "propensity": _number(served.propensities[place]),
        "features": dict(zip(served.feature_names, features, strict=True)),
    }


def ubi_lines(row: ServedRow, user_query: str) -> Iterator[dict[str, Any]]:
    """A list as lines of UBI's indices, as `reshelf model train --clicks` reads them: the query, an
    impression of each hit of the pages that were asked for, and the outcomes. Positions count from 0. A
    fetched document without an outcome has no impression: perhaps nobody saw it."""
    served = row.served
    query_id = served.query.hex()
    yield {"query_id": query_id, "user_query": user_query}
    start, end = _pages(row)
    strongest = _strongest(row.outcomes)
    shown = {place for place in range(start, end) if not served.fetched[place]}
    for place in sorted(shown | strongest.keys()):
        yield _event("impression", query_id, served.ids[place], place)
        outcome = strongest.get(place)
        if outcome is not None and outcome.kind is not EventKind.IMPRESSION:
            yield _event(str(outcome.kind), query_id, served.ids[place], place)


def _event(action: str, query_id: str, object_id: str, place: int) -> dict[str, Any]:
    attributes = {"object": {"object_id": object_id}, "position": {"ordinal": place}}
    return {"action_name": action, "query_id": query_id, "event_attributes": attributes}


def _pages(row: ServedRow) -> tuple[int, int]:
    """The first place that was on a page that was asked for, and the one behind the last."""
    served = row.served
    if not served.page_size:
        return 0, max([outcome.place + 1 for outcome in row.outcomes], default=0)
    return served.page_start, min(served.page_start + served.page_size, len(served.ids))


def _strongest(outcomes: Sequence[Outcome]) -> dict[int, Outcome]:
    found: dict[int, Outcome] = {}
    for outcome in outcomes:
        known = found.get(outcome.place)
        if known is None or STRENGTH.get(outcome.kind, -1) > STRENGTH.get(known.kind, -1):
            found[outcome.place] = outcome
    return found


def _told(outcome: Outcome | None) -> dict[str, Any]:
    if outcome is None:
        return {}
    told: dict[str, Any] = {"outcome": str(outcome.kind)}
    if outcome.dwell:
        told["dwell"] = _number(outcome.dwell)
    return told


def _number(value: Any) -> float:
    number = float(value)
    return round(number, DIGITS) if math.isfinite(number) else 0.0
