"""A real log of UBI events, through the very code that serves: journal, attribution, profiles, blend.

The log does not have what was served, so lists are made of its impressions: the hits in the order in which
they were shown, their traits from the shop's products, and for relevance nothing but that order. What is
learned from this is what the order alone does not say.
"""

import math
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry

from sidecar.config.engagement import Engagement
from sidecar.config.events import EventSettings, JournalSettings
from sidecar.config.online_blend import OnlineBlend
from sidecar.config.personalization import Personalization
from sidecar.config.served import Served
from sidecar.domain.candidate import FieldValues
from sidecar.domain.event import Event, EventKind
from sidecar.feedback.assembly import assemble
from sidecar.feedback.blend_snapshots import read_blend
from sidecar.feedback.event_files import read_file
from sidecar.feedback.journal import Accepted, Journal
from sidecar.feedback.keyed import keyed
from sidecar.feedback.told import Wrong
from sidecar.feedback.ubi import read_event
from sidecar.feedback.validation import Validation
from sidecar.profiles.keying import Keys
from sidecar.profiles.memory_store import MemoryStore
from sidecar.profiles.profiles import Profiles
from sidecar.served.memory import MemoryServedLog
from sidecar.served.metrics import ServedMetrics
from sidecar.served.writer import ServedWriter
from sidecar.taste.reading import TraitReader
from sidecar.taste.served_list import ServedList

BATCH = 500
MIB = 2**20

Fields = Mapping[str, FieldValues]


@dataclass
class ReplayLog:
    """Checked events by time, the lists that they speak of, and what was refused, by field and reason."""

    events: list[Event] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class ReplayReport:
    """What became of a log. Log losses are progressive: foretold before they were learned from."""

    events: int
    refused: Mapping[str, int]
    repeated: int
    lists: int
    hits: int
    hits_with_traits: int
    attributed: Mapping[str, int]
    effects: Mapping[str, int]
    shoppers: int
    shoppers_learned: int
    clicks_foretold: int
    taste_nats_per_click: float
    skips: int
    taste_nats_per_skip: float
    pages: int
    blend_nats_per_hit: float
    blend_standard_errors: float
    log_loss_relevance: float

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            name: dict(value) if isinstance(value, Mapping) else value for name, value in vars(self).items()
        }


def load_replay(file: Path, *, first_position: int = 0) -> ReplayLog:
    """Reads and checks a log's events as the sidecar does, whatever their age. Raises OSError."""
    settings = EventSettings(first_position=first_position, max_age_days=36_500)
    validation, now = Validation(settings), time.time()
    log = ReplayLog()
    shown: dict[str, dict[str, int]] = defaultdict(dict)
    for line in read_file(file):
        if line.is_query or line.document is None:
            continue
        try:
            event = validation.event_of(read_event(line.document), now)
        except Wrong as wrong:
            log.refused[str(wrong)] += 1
            continue
        log.events.append(event)
        if event.kind is EventKind.IMPRESSION and event.query_id and event.object_id:
            shown[event.query_id].setdefault(event.object_id, event.position)
    log.events.sort(key=lambda event: event.time)
    log.lists = {
        query: [one for one, _ in sorted(places.items(), key=lambda item: item[1])]
        for query, places in shown.items()
    }
    return log


async def replay(
    log: ReplayLog, products: Mapping[str, Fields], settings: Personalization, tick: Callable[[float], None]
) -> ReplayReport:
    """Runs a log through; `tick` is told how many events are done. Writes only to a temporary folder."""
    registry, keys, store = CollectorRegistry(), Keys([b"replay"]), MemoryStore()
    served = ServedWriter(
        MemoryServedLog(256 * MIB), Served(kind="memory", recent_mib=256), ServedMetrics(registry)
    )
    profiles = Profiles(store, ttl=1e10)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(JournalSettings(repeats_days=365), Path(folder))
        journal.open()
        try:
            feedback = assemble(
                journal, profiles, store, served, settings, Engagement(), OnlineBlend(), registry
            )
            lists = _serve(log, keys, products, settings, served)
            accepted = 0
            for start in range(0, len(log.events), BATCH):
                some = [
                    keyed(event, keys, consent_required=False, now=event.time)
                    for event in log.events[start : start + BATCH]
                ]
                accepted += sum(isinstance(one, Accepted) for one in await journal.append(some))
                await feedback.applier.settle()
                tick(start + len(some))
        finally:
            await journal.close()
    shoppers = {key for event in log.events if (key := keys.shopper(event.shopper).main)}
    tastes = [taste for taste in await profiles.read_many(sorted(shoppers)) if taste is not None]
    state = await read_blend(store)
    proof = state.proof.slow if state else None
    known = sum(bool(one in products) for ids in log.lists.values() for one in ids)
    told = _Figures(registry)
    clicks, skips = told.value("reshelf_taste_clicks_foretold"), told.value("reshelf_taste_log_loss_hits")
    gain = told.value("reshelf_taste_log_loss", ranking="without_taste") - told.value(
        "reshelf_taste_log_loss", ranking="with_taste"
    )
    return ReplayReport(
        events=len(log.events),
        refused=dict(log.refused),
        repeated=len(log.events) - accepted,
        lists=lists,
        hits=sum(map(len, log.lists.values())),
        hits_with_traits=known,
        attributed=told.by_label("reshelf_events_attributed", "result"),
        effects=told.by_label("reshelf_taste_updates", "effect"),
        shoppers=len(shoppers),
        shoppers_learned=sum(taste.learned > 0 for taste in tastes),
        clicks_foretold=int(clicks),
        taste_nats_per_click=told.value("reshelf_taste_evidence_nats") / clicks if clicks else 0.0,
        skips=int(skips),
        taste_nats_per_skip=gain / skips if skips else 0.0,
        pages=int(told.value("reshelf_pages_closed")),
        blend_nats_per_hit=proof.per_hit if proof else 0.0,
        blend_standard_errors=proof.sureness if proof else 0.0,
        log_loss_relevance=proof.loss_relevance / proof.hits if proof and proof.hits else 0.0,
    )


def _serve(
    log: ReplayLog,
    keys: Keys,
    products: Mapping[str, Fields],
    settings: Personalization,
    served: ServedWriter,
) -> int:
    """Hands the lists of the log to the writer; how many."""
    reader = TraitReader(settings)
    first: dict[str, Event] = {}
    for event in log.events:
        first.setdefault(event.query_id, event)
    for query, ids in log.lists.items():
        event = first[query]
        served.add(_list(query, ids, event, keys, [products.get(one, {}) for one in ids], reader))
    return len(log.lists)


def _list(
    query: str, ids: Sequence[str], event: Event, keys: Keys, fields: Sequence[Fields], reader: TraitReader
) -> ServedList:
    count = len(ids)
    scores = -np.log2(1.0 + np.arange(count))
    deviation = float(scores.std())
    return ServedList(
        query=keys.query(query),
        shopper=keys.shopper(event.shopper).main,
        time=event.time,
        ids=list(ids),
        ranks=np.arange(1, count + 1).astype(np.uint16),
        scores=((scores - scores.mean()) / (deviation if deviation > 0 else 1.0)).astype(np.float32),
        residuals=np.zeros(count, np.float32),
        propensities=np.ones(count, np.float32),
        traits=reader.read(fields, event.time),
        features=np.zeros((count, 0), np.float32),
        feature_names=[],
        page_size=count,
    )


class _Figures:
    """The sums that metrics hold after a run."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._samples = [sample for metric in registry.collect() for sample in metric.samples]

    def value(self, name: str, **labels: str) -> float:
        """One sum; 0 where nothing was counted."""
        names = (name, f"{name}_total")
        found = [one.value for one in self._samples if one.name in names and one.labels == labels]
        return math.fsum(found)

    def by_label(self, name: str, label: str) -> dict[str, int]:
        """Sums by a label's values."""
        return {one.labels[label]: int(one.value) for one in self._samples if one.name == f"{name}_total"}
