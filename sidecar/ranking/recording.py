"""What a search was answered with, remembered: what its events are attributed to."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.candidate import Candidate
from sidecar.domain.ranking import FetchedHit
from sidecar.domain.search import Search
from sidecar.profiles.keying import Keys
from sidecar.ranking.layout.page.places import in_place
from sidecar.ranking.permission import may_be_remembered
from sidecar.ranking.signals import Signals
from sidecar.ranking.standing import Standing
from sidecar.taste.served_list import BROWSED, ServedList
from sidecar.taste.traits import Traits

Kind = TypeVar("Kind", bound=np.generic)


class Recorder:
    """Hands each answered search on, as a list without ids of anybody."""

    def __init__(
        self,
        add: Callable[[ServedList], None],
        keys: Keys,
        *,
        consent_required: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`add` takes a list and never blocks."""
        self._add = add
        self._keys = keys
        self._consent_required = consent_required
        self._clock = clock

    def record(self, search: Search, standing: Standing, versions: Mapping[str, str]) -> None:
        """Remembers the search's answer. `search.query_id` is what events will name it by.

        Of crawlers nothing is kept, and of shoppers who may not be remembered not who it was. Documents that
        the plugin was asked to fetch stand at their places. An answer without hits is an empty list where
        rules held for it, so that they are counted, and nothing elsewhere.
        """
        arranged = standing.arranged
        fetched = arranged.fetched if arranged is not None else ()
        under_rules = arranged is not None and arranged.record
        if search.context.crawler or not (standing.candidates or fetched or under_rules):
            return
        remembered = may_be_remembered(search.shopper, consent_required=self._consent_required)
        shopper = self._keys.shopper(search.shopper).main if remembered else b""
        understood = search.understanding
        seen = _rows(standing)
        noted = {**versions, "query_key": text_key(self._keys, search)}
        if search.browses:
            noted[BROWSED] = "true"
        served = ServedList(
            query=self._keys.query(search.query_id),
            shopper=shopper,
            time=self._clock(),
            ids=[candidate.id for candidate in standing.candidates],
            ranks=np.array([candidate.rank for candidate in standing.candidates], np.uint16),
            scores=seen.scores.astype(np.float32),
            residuals=seen.residuals.astype(np.float32),
            propensities=np.ones(len(standing.candidates), np.float32),
            traits=seen.traits,
            features=seen.features,
            feature_names=seen.feature_names,
            page_start=search.page.start,
            page_size=search.page.size,
            device=search.context.device,
            locale=search.context.locale,
            channel=search.context.channel,
            intent_specificity=understood.specificity if understood is not None else 0.0,
            versions=noted,
        )
        self._add(_with_fetched(served, standing.candidates, fetched) if fetched else served)


def text_key(keys: Keys, search: Search) -> str:
    """A key of the query's words, case and spacing aside: what figures of items for a query go by. Without
    words it is what the search is restricted to: a category page has figures of its own."""
    text = " ".join(search.query.casefold().split())
    if search.browses:
        text = "".join(sorted(f"\0{one.field}\0{sorted(one.values)}" for one in search.filters))
    return keys.query(f"text:{text}").hex()[:16]


def _rows(standing: Standing) -> Signals:
    """What personalization saw, in the order of the answer; nothing for a profile without it."""
    signals, count = standing.signals, len(standing.candidates)
    if signals is None:
        nothing = np.zeros((count, 0), np.float32)
        traits = Traits(nothing.astype(np.uint32), nothing, (), ())
        return Signals({}, standing.scores, np.zeros(count), traits, nothing, ())
    rows = np.array([signals.rows[candidate.rank] for candidate in standing.candidates], np.intp)
    return Signals(
        {},
        signals.scores[rows],
        signals.residuals[rows],
        signals.traits.at(rows),
        signals.features[rows],
        signals.feature_names,
    )


def _with_fetched(
    served: ServedList, candidates: Sequence[Candidate], fetched: Sequence[FetchedHit]
) -> ServedList:
    """The list with the documents that the plugin was asked to bring in, at their places."""
    shown = in_place(candidates, fetched)
    known = np.array([hit.rank > 0 for hit in shown], np.bool_)

    def spread(values: NDArray[Kind]) -> NDArray[Kind]:
        wide = np.zeros((len(shown), *values.shape[1:]), values.dtype)
        wide[known] = values
        return wide

    traits = served.traits
    return replace(
        served,
        ids=[hit.id for hit in shown],
        ranks=spread(served.ranks),
        scores=spread(served.scores),
        residuals=spread(served.residuals),
        propensities=np.ones(len(shown), np.float32),
        traits=replace(
            traits,
            keys=spread(traits.keys),
            numbers=spread(traits.numbers),
            vectors=None if traits.vectors is None else spread(traits.vectors),
        ),
        features=spread(served.features),
    )
