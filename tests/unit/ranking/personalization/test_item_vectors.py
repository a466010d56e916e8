"""Items' vectors from the plugin's columns to the next search's order: search, click, learn, search."""

import time

import numpy as np
import pytest

from sidecar.config.personalization import ItemVector, Personalization
from sidecar.config.sidecar import Limits
from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.event import EventKind, KeyedEvent
from sidecar.domain.ranking import Ranking
from sidecar.domain.search import Search, Shopper
from sidecar.served.codec import decode, encode
from sidecar.server.columns import candidates_of
from sidecar.taste import codec
from sidecar.taste.state import Taste
from sidecar.taste.update import Effect, update
from sidecar.wire.reshelf.v1.rerank_pb2 import CandidateColumns
from tests.unit.ranking.personalization.test_stage import KEYS, World

DIMENSIONS = 384
HITS = 12
SECTION = Personalization(
    attributes={}, slopes={}, item_vector=ItemVector(field="image_vector", dimensions=DIMENSIONS)
)
ANNA = Shopper(client_id="anna")
NO_VECTOR, CUT_VECTOR = 10, 11
"""Places of a hit without a vector and of one whose vector lacks numbers."""


def hits() -> list[Candidate]:
    """As the plugin sends them: two styles in turn, all titles alike."""
    random = np.random.default_rng(5)
    styles = random.normal(size=(2, DIMENSIONS))
    columns = CandidateColumns(ids=[f"p{place}" for place in range(HITS)], scores=[5.0] * HITS)
    columns.fields.add(name="title", texts=["a shoe"] * HITS)
    vectors = columns.fields.add(name="image_vector")
    for place in range(HITS):
        vector = styles[place % 2] + 0.3 * random.normal(size=DIMENSIONS)
        count = {NO_VECTOR: 0, CUT_VECTOR: DIMENSIONS - 1}.get(place, DIMENSIONS)
        vectors.numbers.extend(vector[:count])
        vectors.counts.append(count)
    return candidates_of(columns, Limits(), columns.ByteSize())[0]


async def searched(world: World, query_id: str) -> Ranking:
    search = Search(
        "shoe", hits(), Deadline.after(5), shopper=ANNA, query_id=query_id, explain=query_id != "first"
    )
    return await world.pipeline.rerank(search)


def clicked(world: World, query_id: str, hit: str) -> Taste:
    """Anna's profile after the click, as the store would hand it back."""
    query = KEYS.query(query_id)
    served = decode(encode(next(one for one in world.served if one.query == query)))
    taste = Taste.empty(time.time())
    event = KeyedEvent(b"d" * 16, EventKind.CLICK, time.time(), query, KEYS.client("anna"), b"", hit)
    assert update(taste, event, {query: served}, SECTION, time.time()).effect is Effect.LEARNED
    return codec.decode(codec.encode(taste))


async def test_a_click_lifts_what_looks_like_it_in_the_next_search() -> None:
    world = World(section=SECTION)
    first = await searched(world, "first")
    assert first.ranks == list(range(1, HITS + 1))
    world.profiles.tastes[KEYS.client("anna")] = clicked(world, "first", "p1")
    later = await searched(world, "second")
    now = {hit.id: place for place, hit in enumerate(later.hits)}
    assert now["p1"] == 0
    alike, others = ([f"p{place}" for place in range(first, 10, 2)] for first in (1, 0))
    assert sum(now[hit] for hit in alike) < sum(now[hit] for hit in others)
    for hit in later.hits:
        assert sum(part.value for part in hit.contributions) == pytest.approx(hit.score, abs=1e-9)
        if hit.id in (f"p{NO_VECTOR}", f"p{CUT_VECTOR}"):
            continue
        told = {part.name: part.value for part in hit.contributions if part.stage == "personalization"}
        likeness = told["like what was looked at"]
        assert likeness > 0 or hit.id not in alike
        assert likeness < 0 or hit.id not in others


async def test_hits_without_a_usable_vector_are_remembered_as_saying_nothing() -> None:
    world = World(section=SECTION)
    await searched(world, "first")
    vectors = world.served[0].traits.vectors
    assert vectors is not None
    assert vectors.shape == (HITS, 32)
    assert [place for place, row in enumerate(vectors) if not row.any()] == [NO_VECTOR, CUT_VECTOR]


async def test_off_nothing_of_vectors_is_kept() -> None:
    world = World()
    await searched(world, "first")
    assert world.served[0].traits.vectors is None
