"""Lists from click logs in UBI's format: never raw clicks, but how attractive each product turned out.

The log is two kinds of JSON lines, as UBI's indices hold them: queries (`query_id`, `user_query`) and events
(`action_name`, `query_id`, `event_attributes.object.object_id`, `event_attributes.position.ordinal`).
"""

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field

from sidecar.config.strict import Strict
from sidecar.training.catalogue import Catalogue
from sidecar.training.errors import TrainingError
from sidecar.training.lists import TrainingList
from sidecar.training.position_bias import Impression, fit_position_bias
from sidecar.training.split import query_key

SEEN = "impression"
CHOSEN = frozenset(("click", "item_click", "add_to_cart", "purchase"))


class Clicks(Strict):
    """What is made of a log. Defaults suit logs of some thousand searches."""

    fewest_views: float = Field(default=2.0, gt=0, description="examinations of a product, in expectation")
    fewest_clicks: int = Field(default=2, ge=1, description="of a query, over all its products")
    largest: int = Field(default=24, ge=2, le=128, description="products in a list")
    depth: int = Field(default=50, ge=1, description="places that are looked at; deeper ones are left out")
    full_weight: float = Field(default=10.0, gt=0, description="examinations of a query for weight 1")


@dataclass(frozen=True)
class Shown:
    """One product in one answer: its place (from 0), and whether it was chosen."""

    product: str
    place: int
    chosen: bool


@dataclass
class Log:
    """Answers by query: query text → what was shown, one sequence a search."""

    answers: dict[str, list[list[Shown]]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class ClickLists:
    """The lists and what did not become one."""

    lists: Sequence[TrainingList]
    counts: dict[str, Any]
    problems: Sequence[str]


def load_log(path: Path) -> Log:
    """A UBI log, JSON lines, plain or gzip; OpenSearch's bulk action lines are skipped.

    A bad line is named in `problems`; a log of nothing else raises TrainingError.
    """
    log = Log()
    texts: dict[str, str] = {}
    shown: dict[str, dict[str, int]] = defaultdict(dict)
    chosen: dict[str, dict[str, int | None]] = defaultdict(dict)
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            row = _parse(line)
            if row is None:
                continue
            _take(row, texts, shown, chosen, log.counts)
        except ValueError as error:
            log.problems.append(f"line {number}: {error}")
    if not texts:
        first = f" The first problem: {log.problems[0]}." if log.problems else ""
        raise TrainingError(f"{path}: no search with a `query_id` and a `user_query` in it.{first}")
    for query_id, text in texts.items():
        answer = _answer(shown.get(query_id, {}), chosen.get(query_id, {}), log.counts)
        if answer:
            log.answers.setdefault(text, []).append(answer)
    return log


def _lines(path: Path) -> list[bytes]:
    import gzip

    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).splitlines()
    except (OSError, EOFError, zlib.error) as error:
        raise TrainingError(f"{path}: cannot be read: {error}.") from error


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start + 1} of the line)") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(row, dict):
        raise ValueError(f"expected an object, found {type(row).__name__}")
    if set(row) <= {"index", "create"}:
        return None
    if not isinstance(row.get("query_id"), str) or not row["query_id"]:
        raise ValueError("`query_id`: missing")
    return row


def _take(
    row: Mapping[str, Any],
    texts: dict[str, str],
    shown: dict[str, dict[str, int]],
    chosen: dict[str, dict[str, int | None]],
    counts: Counter[str],
) -> None:
    query_id, action = row["query_id"], row.get("action_name")
    text = row.get("user_query")
    if isinstance(text, str) and text.strip():
        texts.setdefault(query_id, " ".join(text.split()))
    if action is None:
        counts["searches"] += 1
        if not (isinstance(text, str) and text.strip()):
            raise ValueError("`user_query`: empty")
        return
    if action != SEEN and action not in CHOSEN:
        counts["other_events"] += 1
        return
    attributes = row.get("event_attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    product = (attributes.get("object") or {}).get("object_id")
    if not isinstance(product, str) or not product:
        raise ValueError("`event_attributes.object.object_id`: missing")
    ordinal = (attributes.get("position") or {}).get("ordinal")
    place = ordinal if isinstance(ordinal, int) and not isinstance(ordinal, bool) and ordinal >= 0 else None
    counts["impressions" if action == SEEN else "choices"] += 1
    if action != SEEN:
        chosen[query_id].setdefault(product, place)
    elif place is None:
        raise ValueError("`event_attributes.position.ordinal`: missing")
    else:
        shown[query_id].setdefault(product, place)


def _answer(shown: Mapping[str, int], chosen: Mapping[str, int | None], counts: Counter[str]) -> list[Shown]:
    """What one search showed. A choice without an impression counts at its own place; without a place it
    tells nothing about position, so it is left out, and counted."""
    places = dict(shown)
    for product, place in chosen.items():
        if product not in places and place is not None:
            places[product] = place
        elif product not in places:
            counts["choices_without_place"] += 1
    if not shown and chosen:
        counts["searches_without_impressions"] += 1
        return []  # what was not chosen is unknown, and clicks alone are not to be learned from
    return [Shown(product, place, product in chosen) for product, place in places.items()]


def click_lists(log: Log, catalogue: Catalogue, settings: Clicks) -> ClickLists:
    """A list for every query whose products were seen often enough; gains are the products' debiased
    attractiveness relative to the query's best, weights grow with how much was seen."""
    impressions = [
        Impression(query_key(text), shown.product, shown.place, shown.chosen)
        for text, answers in log.answers.items()
        for answer in answers
        for shown in answer
        if shown.place < settings.depth
    ]
    counts: dict[str, Any] = dict(log.counts)
    problems: list[str] = []
    unknown = {found.product for found in impressions if found.product not in catalogue}
    counts["unknown_products"] = len(unknown)
    if unknown:
        problems.append(f"{len(unknown)} products unknown, such as {min(unknown)}")
    if not impressions:
        counts["lists"] = 0
        return ClickLists([], counts, [*problems, "no search with impressions: position cannot be corrected"])
    model = fit_position_bias(impressions)
    counts["examination"] = [round(float(seen), 3) for seen in model.examination[:10]]
    spelt = {query_key(text): text for text in log.answers}
    lists: list[TrainingList] = []
    for key, found in model.by_query().items():
        known = [one for one in found if one.product in catalogue and one.views >= settings.fewest_views]
        clicks = sum(one.clicks for one in known)
        if clicks < settings.fewest_clicks or len(known) < 2:
            counts["queries_with_too_little"] = counts.get("queries_with_too_little", 0) + 1
            continue
        known.sort(key=lambda one: -one.views)
        known = known[: settings.largest]
        best = max(one.attraction for one in known)
        gains = tuple(round(one.attraction / best, 4) for one in known)
        weight = min(1.0, sum(one.views for one in known) / len(known) / settings.full_weight)
        made = TrainingList(spelt[key], tuple(one.product for one in known), gains, "clicks", weight)
        if made.teaches():
            lists.append(made)
    counts["lists"] = len(lists)
    return ClickLists(lists, counts, problems)
