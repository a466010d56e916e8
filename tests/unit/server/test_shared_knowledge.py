"""What all shoppers did, as searches see it: features for the served list, and the online blend's effect."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from sidecar.config.personalization import Personalization
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import Search, Shopper
from sidecar.feedback.online_blend import Adjustment
from sidecar.profiles.keying import Keys
from sidecar.ranking.personalization.metrics import PersonalizationMetrics
from sidecar.ranking.personalization.stage import PersonalizationStage
from sidecar.ranking.standing import Standing, first_stage
from sidecar.shared_knowledge import FeedbackKnowledge
from sidecar.taste.reading import TraitReader
from sidecar.telemetry.metrics import Metrics
from tests.fixtures.searches import candidates
from tests.fixtures.searches import profile as plain_profile
from tests.fixtures.tastes import TastesInMemory

KEYS = Keys([b"a secret for tests, long enough to be one"])
SECTION = Personalization()


@dataclass
class Figures:
    """Engagement that knows one figure."""

    names: tuple[str, ...] = ("click_rate",)

    def columns(self, ids: Any, traits: Any, text_key: str) -> Any:
        assert len(text_key) == 16
        return np.arange(len(ids), dtype=np.float32)[:, None]


@dataclass
class Blend:
    """An online blend that likes the hits with the most clicks."""

    counts: bool = True
    version: str = "online@7"

    def adjustment(self, relevance: Any, features: Any, names: Any, moment: Any) -> Adjustment:
        clicks = features[:, list(names).index("click_rate")].astype(np.float64)
        parts = (clicks - clicks.mean())[:, None]
        return Adjustment(parts[:, 0], parts, ("click_rate",))


def search() -> Search:
    hits = candidates(["a", "b", "c", "d"])
    return Search(
        "Red  Shoes", hits, Deadline.after(5), shopper=Shopper(client_id="nobody knows"), explain=True
    )


def standing() -> Standing:
    found = first_stage(search().candidates)
    return Standing(found.candidates, np.array([0.4, 0.3, 0.2, 0.1]))


def knowledge(*, counts: bool = True) -> FeedbackKnowledge:
    shared = FeedbackKnowledge(KEYS)
    shared.feedback = SimpleNamespace(figures=Figures(), blend=Blend(counts))  # type: ignore[assignment]
    return shared


def test_features_are_named_and_of_every_hit() -> None:
    asked, found = search(), standing()
    traits = TraitReader(SECTION).read([one.fields for one in found.candidates], 0)
    columns = knowledge().columns(asked, found, traits)
    assert columns.values.shape == (4, len(columns.names))
    assert columns.names[0] == "first_stage"
    assert columns.names[-1] == "click_rate"
    assert "relevance" not in columns.names
    assert abs(float(columns.values[:, 0].mean())) < 1e-6
    before = FeedbackKnowledge(KEYS).columns(asked, found, traits)
    assert "click_rate" not in before.names
    assert FeedbackKnowledge(KEYS).version == ""


def stage(shared: FeedbackKnowledge) -> PersonalizationStage:
    metrics = PersonalizationMetrics(Metrics().registry)
    return PersonalizationStage(TastesInMemory(), KEYS, metrics, patience=0.1, shared=shared)


async def test_where_the_online_blend_counts_it_moves_hits_and_says_so() -> None:
    profile = plain_profile().model_copy(update={"personalization": SECTION})
    asked = search()
    personal = stage(knowledge()).begin(asked, profile)
    assert personal is not None
    result = await personal.apply(asked, profile, standing(), asked.deadline)
    assert result.versions["online_blend"] == "online@7"
    assert result.standing.candidates[0].id != "id-1"
    names = {part.name for parts in result.standing.contributions for part in parts}
    assert "all shoppers: click_rate" in names
    assert result.standing.signals is not None
    assert result.standing.signals.scores.tolist() == standing().scores.tolist(), "without the blend's effect"


async def test_where_it_does_not_count_an_unknown_shopper_gets_relevance() -> None:
    profile = plain_profile().model_copy(update={"personalization": SECTION})
    asked = search()
    personal = stage(knowledge(counts=False)).begin(asked, profile)
    assert personal is not None
    result = await personal.apply(asked, profile, standing(), asked.deadline)
    assert [one.id for one in result.standing.candidates] == ["id-1", "id-2", "id-3", "id-4"]
    assert result.standing.scores.tolist() == standing().scores.tolist()
    assert "online_blend" not in result.versions
