"""Relevance by a learned blend: many features order all hits, the cross-encoder reads the best of them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from sidecar.config.blend import Blend
from sidecar.config.profile import Profile
from sidecar.domain.deadline import Deadline
from sidecar.domain.features import PAIR, Feature
from sidecar.domain.ranking import Contribution, Skip, SkipReason
from sidecar.domain.search import Search
from sidecar.ranking.relevance.blend import IndexArray, settled, standardised
from sidecar.ranking.relevance.cache import normalised
from sidecar.ranking.relevance.document_text import document_text
from sidecar.ranking.relevance.features.document import DocumentReader
from sidecar.ranking.relevance.features.query_words import query_words
from sidecar.ranking.relevance.features.table import Hits, feature_columns
from sidecar.ranking.relevance.known import KnownScores, KnownVectors
from sidecar.ranking.relevance.scorer import ScorerError, ScorerLate
from sidecar.ranking.stage import StageResult
from sidecar.ranking.standing import FloatArray, Standing

NAME = "relevance"

Columns = Mapping[Feature, FloatArray]


@dataclass(frozen=True, slots=True)
class Described:
    """The best n hits in numbers: what a blend orders.

    `texts` [n] as the model reads them; `columns` hold a float64 [n] for each feature, standardised over the
    list; `late` hits have no vector for want of time. `readable`: the model has words for the query.
    """

    texts: Sequence[str]
    columns: dict[Feature, FloatArray]
    model: str
    late: int
    readable: bool


class LearnedRelevance:
    """Orders hits by the blend of a profile."""

    def __init__(self, scores: KnownScores, vectors: KnownVectors) -> None:
        self._scores = scores
        self._vectors = vectors
        self._documents = DocumentReader()

    async def apply(
        self, search: Search, profile: Profile, blend: Blend, standing: Standing, deadline: Deadline
    ) -> StageResult:
        """The standing by the blend. Raises ScorerError where there are no vectors at all."""
        figures: dict[str, float] = {}
        described = await self.describe(search, profile, blend.used(), standing, deadline, figures)
        first = weighted(described.columns, blend.first, len(described.texts))
        order = np.argsort(-first, kind="stable")
        figures["ranked"] = len(order)
        late, skipped, model = described.late, [], described.model
        pairs = np.full(len(order), np.nan)
        read = order[: profile.relevance.pairs] if blend.final and described.readable else order[:0]
        if len(read):
            figures["read"] = len(read)
            try:
                found, reader = await self.pairs(search.query, described, read, deadline, figures)
            except ScorerError as error:
                skipped.append(Skip(NAME, error.reason, len(read)))
            else:
                if reader == model:
                    pairs[read] = found
                    late += int(np.isnan(found).sum())
                else:  # replaced under its name since it made the vectors: one answer, one model
                    skipped.append(Skip(NAME, SkipReason.MODEL_CHANGED, len(read)))
        if late:
            skipped.append(Skip(NAME, SkipReason.PARTLY_SCORED, late))
        return StageResult(
            _arranged(standing, described.columns, blend, first, order, pairs, search.explain),
            candidates=len(order) - described.late,
            skipped=skipped,
            figures=figures,
            versions={"model": model},
        )

    async def describe(
        self,
        search: Search,
        profile: Profile,
        features: AbstractSet[Feature],
        standing: Standing,
        deadline: Deadline,
        figures: dict[str, float],
    ) -> Described:
        """The best hits' features but `pair`. Raises ScorerError where there are no vectors at all."""
        best = standing.candidates[: profile.relevance.candidates]
        texts = [document_text(candidate.fields, profile.document) for candidate in best]
        words = normalised(search.query)
        names = profile.relevance.features
        # Before the vectors, which may take all the time: what is left to do after them is little.
        documents = [self._documents.read(candidate.fields, names) for candidate in best]
        # The query first: without its vector no other says anything.
        vectors, model = await self._vectors.of([words, *texts], deadline, figures)
        if np.isnan(vectors[0, 0]):
            raise ScorerLate("the query was not embedded in time")
        late = int(np.isnan(vectors[:, 0]).sum())
        readable = bool(vectors[0].any())
        # What the model cannot read is neither near nor far: as if its vector were not known.
        vectors[1:][~vectors[1:].any(axis=1)] = np.nan
        hits = Hits(
            query_words(words, search.understanding),
            documents,
            [candidate.fields for candidate in best],
            standing.scores[: len(best)],
            vectors[:1],
            vectors[1:],
        )
        return Described(texts, feature_columns(hits, features, names), model, late, readable)

    async def pairs(
        self,
        query: str,
        described: Described,
        read: IndexArray,
        deadline: Deadline,
        figures: dict[str, float],
    ) -> tuple[FloatArray, str]:
        """The cross-encoder's scores of the hits at `read`, best first; NaN where it was late."""
        return await self._scores.of(
            normalised(query), [described.texts[place] for place in read.tolist()], deadline, figures
        )


def weighted(columns: Columns, weights: Mapping[Feature, float], count: int) -> FloatArray:
    """The weighted sum of `count` hits' standardised features; float64 [n].

    A feature that is not there adds nothing: a query without words ("!!!") has none of those about words.
    """
    counted = [(columns[name], weight) for name, weight in weights.items() if name in columns and weight]
    total = np.zeros(count)
    for values, weight in counted:
        total += weight * values
    return total


def with_pairs(columns: Columns, pairs: FloatArray, places: IndexArray) -> dict[Feature, FloatArray]:
    """The features of the hits at `places` with `pair`, standardised over them."""
    return {**{name: values[places] for name, values in columns.items()}, PAIR: standardised(pairs[places])}


def _arranged(
    standing: Standing,
    columns: Columns,
    blend: Blend,
    first: FloatArray,
    order: IndexArray,
    pairs: FloatArray,
    explain: bool,
) -> Standing:
    """All hits: those that the cross-encoder read share their places by the final blend, the others keep
    theirs by the first blend, and hits beyond the profile's number stay below in the first stage's order."""
    count = len(order)
    beyond = standing.scores[count:]
    others = (
        np.concatenate([first[order], first[order[-1]] + (beyond - beyond[0])])
        if len(beyond)
        else first[order]
    )
    places = np.flatnonzero(~np.isnan(pairs[order]))
    if len(places):
        final = weighted(with_pairs(columns, pairs, order[places]), blend.final, len(places))
        best_first = np.argsort(-final, kind="stable")
        whole, scores = settled(best_first, final[best_first], places, others)
    else:
        whole, scores = np.arange(len(others)), others
    hits = np.concatenate([order, np.arange(count, len(others))])[whole]
    return Standing(
        [standing.candidates[place] for place in hits.tolist()],
        scores,
        _contributions(columns, blend, pairs, order[places], hits, scores) if explain else (),
    )


def _contributions(
    columns: Columns,
    blend: Blend,
    pairs: FloatArray,
    read: IndexArray,
    hits: IndexArray,
    scores: FloatArray,
) -> list[Sequence[Contribution]]:
    """What each feature added to each hit's score, in the new order."""
    final = with_pairs(columns, pairs, read)
    number = {place: row for row, place in enumerate(read.tolist())}
    parts: list[Sequence[Contribution]] = []
    for place, score in zip(hits.tolist(), scores.tolist(), strict=True):
        if place in number:
            parts.append(_parts(final, blend.final, number[place]))
            continue
        known = _parts(columns, blend.first, place) if place < len(pairs) else []
        # A hit that was not read by the cross-encoder is moved below those that were.
        rest = score - sum(part.value for part in known)
        parts.append([*known, Contribution(NAME, "not_read", rest)])
    return parts


def _parts(columns: Columns, weights: Mapping[Feature, float], row: int) -> list[Contribution]:
    return [
        Contribution(NAME, name, weight * float(columns[name][row]))
        for name, weight in weights.items()
        if weight and name in columns
    ]
