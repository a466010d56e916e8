"""The search of a golden test, as the sidecar would see it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sidecar.domain.candidate import Candidate, FieldValues
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import Consent, Context, FieldFilter, LayoutWish, Search, Shopper
from sidecar.domain.understanding import Entity, EntityKind, Understanding
from sidecar.evaluation.golden.model import GoldenHit, GoldenSearch, GoldenVocabulary, Understood
from sidecar.ranking.understanding.pieces import phrase_of
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Name, Vocabulary
from sidecar.rules.language.moment import moment_in
from sidecar.text.tokens import normalised

PATIENCE = 60.0
SURE = 1.0
PRODUCTS = 100
"""That a name of a test's vocabulary is taken to have: enough to be trusted."""


def search_of(asked: GoldenSearch, candidates: Sequence[Candidate], reader: Reader) -> Search:
    """The search with its candidates, by a client that can do all that layout asks of one."""
    return Search(
        query=asked.query,
        candidates=candidates,
        deadline=Deadline.after(PATIENCE),
        query_id="golden",
        index=asked.index,
        profile=asked.profile,
        shopper=Shopper(
            client_id=asked.client,
            user_id=asked.user,
            consent=Consent[asked.consent.upper()],
            segments=tuple(asked.segment or ()),
        ),
        context=Context(
            locale=asked.locale,
            device=asked.device,
            channel=asked.channel,
            application=asked.application,
            time=moment_in(UTC, asked.time) if asked.time is not None else datetime.now(UTC),
            crawler=asked.crawler,
            experiments=asked.experiment,
        ),
        explain=True,
        understanding=_understanding(asked, reader),
        layout=LayoutWish(removes=True, fetches=True, checks=True, metadata=True, sponsored=asked.sponsored),
        filters=filters_of(asked.filters),
    )


def filters_of(values: Mapping[str, Sequence[str]]) -> list[FieldFilter]:
    """What a search is restricted to, by field."""
    return [FieldFilter(field, tuple(allowed)) for field, allowed in values.items()]


def candidates_of_hits(hits: Sequence[GoldenHit]) -> list[Candidate]:
    """The hits as the plugin would send them, best first. Without a score one has 1 less than that before."""
    scores: list[float] = []
    for hit in hits:
        before = scores[-1] if scores else len(hits) + 1.0
        scores.append(before - 1 if hit.score is None else hit.score)
    placed = sorted(zip(scores, hits, strict=True), key=lambda pair: -pair[0])
    return [
        Candidate(hit.id, rank, score, hit.index, flat_fields(hit.fields))
        for rank, (score, hit) in enumerate(placed, 1)
    ]


def flat_fields(source: Mapping[str, Any], prefix: str = "") -> dict[str, FieldValues]:
    """Every field's values by its dotted name; absent where there is none."""
    fields: dict[str, FieldValues] = {}
    for name, value in source.items():
        if isinstance(value, Mapping):
            fields.update(flat_fields(value, f"{prefix}{name}."))
            continue
        values = [one for one in (value if isinstance(value, list) else [value]) if one is not None]
        if values:
            fields[f"{prefix}{name}"] = values
    return fields


def reader_of(vocabulary: GoldenVocabulary) -> Reader:
    """A reader of queries with a test file's names."""
    names = [
        Name(kind, phrase_of(normalised(value)), value, PRODUCTS, SURE)
        for kind in EntityKind
        for value in getattr(vocabulary, kind.value)
    ]
    if not names:
        return Reader(Vocabulary.without_catalogue())
    words = {word: PRODUCTS for name in names for word in name.phrase.split()}
    return Reader(Vocabulary("golden", PRODUCTS, names, words))


def _understanding(asked: GoldenSearch, reader: Reader) -> Understanding:
    read = reader.read(asked.query)
    told = asked.understood
    if told is None:
        return read
    entities = [
        Entity(kind, value, phrase_of(normalised(value)), (0, 1))
        for kind in EntityKind
        for value in getattr(told, kind.value) or ()
    ]
    return replace(read, entities=entities, intent=_intent(told, read))


def _intent(told: Understood, read: Understanding) -> Any:
    return told.intent if told.intent is not None else read.intent
