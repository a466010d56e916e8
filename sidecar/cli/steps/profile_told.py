"""A shopper's record in words and numbers."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from sidecar.cli.steps.trait_words import TraitWord
from sidecar.config.personalization import Personalization
from sidecar.profiles.profile_record import ProfileRecord, pack_profile
from sidecar.profiles.profiles import DAY
from sidecar.taste.codec import UnreadableTaste, decode
from sidecar.taste.preferences import preferences
from sidecar.taste.state import Taste

UNKNOWN = "?"


def told_record(
    record: ProfileRecord,
    settings: Personalization,
    words: Mapping[int, TraitWord],
    profile_days: float,
    now: float | None = None,
) -> dict[str, object]:
    """What a record says, ready for JSON. Times are ISO 8601, UTC; effects are logits of a click."""
    now = time.time() if now is None else now
    told: dict[str, object] = {"bytes": len(pack_profile(record))}
    if record.forgotten_at:
        told["forgotten_until"] = _moment(record.forgotten_at)
    content = record.taste or (record.outgoing.taste if record.outgoing else b"")
    if not content:
        return told
    try:
        taste = decode(content)
    except UnreadableTaste as error:
        return {**told, "unreadable": str(error)}
    return {
        **told,
        "updated": _moment(taste.updated),
        "expires": _moment(taste.updated + profile_days * DAY),
        "events_learned": taste.learned,
        "evidence": round(taste.evidence, 4),
        "preferences": _preferences(taste, settings, words, now),
        **_interest(taste),
        "recent_events": [{"kind": str(event.kind), "time": _moment(event.time)} for event in taste.recent],
        "open_searches": [
            {
                "time": _moment(page.time),
                "hits": {place + 1: str(kind) for place, kind in page.outcomes.items()},
            }
            for page in taste.pages
        ],
    }


def _interest(taste: Taste) -> dict[str, object]:
    """An interest in items' vectors has no words: how strong it is, how much is known of it, its numbers."""
    if not len(taste.interest):
        return {}
    return {
        "item_vector": {
            "strength": round(float(np.linalg.norm(taste.interest)), 4),
            "information": round(taste.interest_information, 3),
            "interest": [round(number, 4) for number in taste.interest.tolist()],
        }
    }


def _preferences(
    taste: Taste, settings: Personalization, words: Mapping[int, TraitWord], now: float
) -> list[dict[str, object]]:
    """The strongest first."""
    effects = preferences(taste, taste.keys, now, settings)
    rows: list[dict[str, object]] = []
    for at in sorted(range(len(taste.keys)), key=lambda at: -abs(float(effects[at]))):
        key = int(taste.keys[at])
        word = words.get(key, TraitWord(UNKNOWN, f"not in a vocabulary ({key:08x})"))
        rows.append(
            {
                "attribute": word.attribute,
                "value": word.value,
                "effect": round(float(effects[at]), 4),
                "long_term": round(float(taste.long_mean[at]), 4),
                "session": round(float(taste.session_mean[at]), 4),
                "information": round(float(taste.long_information[at]), 3),
                "last_seen": _moment(float(taste.seen[at])),
            }
        )
    return rows


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
