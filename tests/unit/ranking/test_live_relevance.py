"""Following the alias: who ranks a search, and what happens to those that are under way."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sidecar.config.alias import ServedModel
from sidecar.config.blend import Blend
from sidecar.config.profile import DocumentText, Profile, RelevanceProfile
from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.live import LiveRelevance, ModelInUse
from sidecar.ranking.relevance.scorer import CANARY_TEXT, ScorerFailed, ScorerModelLost, Vectors
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.ranking.relevance.watch import CanaryPlan, WatchedScorer
from sidecar.ranking.stage import StageResult, StageSkipped
from sidecar.ranking.standing import first_stage
from sidecar.telemetry.metrics import Metrics
from tests.fixtures.scorers import ScriptedScorer
from tests.fixtures.searches import search

TITLES = ["blue hat", "green sofa", "red shoes", "red hat"]
PROFILE = Profile(
    document=DocumentText(fields=["title"]),
    relevance=RelevanceProfile(blend=Blend(first={"similarity": 1}, final={"pair": 1})),
)
MIB = 1024 * 1024


@dataclass
class Bench:
    """An alias file, a scripted scorer for each model, and the stage that follows the file."""

    alias: Path
    metrics: Metrics = field(default_factory=Metrics)
    scorers: dict[str, ScriptedScorer] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        cache = ScoreCache(MIB, self.metrics)

        def make(served: ServedModel) -> ModelInUse:
            self.made.append(served.model)
            scorer = self.scorers.setdefault(served.model, ScriptedScorer(served.fingerprint))
            watched = WatchedScorer(scorer, CanaryPlan(0.02, 0.01, 2.0, 3), self.metrics)
            vectors = KnownVectors(watched, MIB, self.metrics)
            return ModelInUse(served, watched, RelevanceStage(watched, cache, vectors))

        self.live = LiveRelevance(self.alias, make, self.metrics, interval=0.01)

    def write(self, live: str, **more: Any) -> None:
        def served(name: str) -> dict[str, str]:
            return {"model": name, "fingerprint": f"{name}@1"}

        shares = (
            {"shadow": {"model": more["candidate"], "share": more.pop("share")}} if "share" in more else {}
        )
        data = {"live": served(live), **{key: served(name) for key, name in more.items()}, **shares}
        partial = self.alias.with_suffix(".part")
        partial.write_text(json.dumps(data))
        partial.replace(self.alias)

    async def ask(self, titles: list[str] = TITLES, **more: Any) -> StageResult:
        asked = search(titles, **more)
        return await self.live.apply(asked, PROFILE, first_stage(asked.candidates), asked.deadline)

    async def asked_until(self, model: str) -> None:
        """Asks until the answers are that model's."""
        async with asyncio.timeout(5):
            while (await self.ask()).versions["model"] != f"{model}@1":  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    def count(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


@asynccontextmanager
async def following(tmp_path: Path, live: str | None = "v1") -> AsyncIterator[Bench]:
    bench = Bench(tmp_path / "live.json")
    if live:
        bench.write(live)
    task = asyncio.create_task(bench.live.watch())
    try:
        if live:
            await asyncio.wait_for(bench.live.wait_until(usable=True), 5)
        yield bench
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await bench.live.close()


async def test_without_a_file_nothing_is_ranked_until_there_is_one(tmp_path: Path) -> None:
    async with following(tmp_path, live=None) as bench:
        with pytest.raises(StageSkipped, match="scorer_unavailable"):
            await bench.ask()
        assert not bench.live.usable
        waiting = asyncio.create_task(bench.live.wait_until(usable=True))
        bench.write("v1")
        await asyncio.wait_for(waiting, 5)
        assert (await bench.ask()).versions == {"model": "v1@1"}
        assert bench.count("reshelf_scorer_usable") == 1


async def test_another_model_is_followed_and_the_way_back_is_warm(tmp_path: Path) -> None:
    async with following(tmp_path) as bench:
        await bench.ask()
        bench.write("v2", previous="v1")
        await bench.asked_until("v2")
        assert bench.live.model == "v2@1"
        assert bench.count("reshelf_live_model", model="v2") == 1
        embedded = len(bench.scorers["v1"].embedded)
        bench.write("v1", previous="v2")
        await bench.asked_until("v1")
        assert len(bench.scorers["v1"].embedded) == embedded, "its vectors were kept"
        assert bench.made == ["v1", "v2"]
        assert bench.count("reshelf_model_switches_total") == 2


async def test_a_search_under_way_ends_with_the_model_it_began_with(tmp_path: Path) -> None:
    async with following(tmp_path) as bench:
        began, may_go_on = asyncio.Event(), asyncio.Event()

        class Slow(ScriptedScorer):
            async def _embed(self, texts: Sequence[str], deadline: Deadline) -> Vectors:
                began.set()
                await may_go_on.wait()
                return await super()._embed(texts, deadline)

        slow = bench.scorers["v1"]
        slow.__class__ = Slow
        under_way = asyncio.create_task(bench.ask())
        await began.wait()
        bench.write("v2")  # and v1 is named no more
        await until(lambda: bench.live.model == "v2@1")
        may_go_on.set()
        result = await under_way
        assert result.versions == {"model": "v1@1"}
        assert not result.skipped, "vectors and pairs of the one model, though another is live"
        assert sorted(TITLES) in [sorted(texts) for texts in slow.asked], "and the canary, at any time"
        await until(lambda: slow.closed)


async def test_no_answer_mixes_models_while_they_change_all_the_time(tmp_path: Path) -> None:
    async with following(tmp_path) as bench:
        for name, best in (("v1", "red hat"), ("v2", "red shoes")):
            scorer = bench.scorers.setdefault(name, ScriptedScorer(f"{name}@1"))
            scorer.delay = 0.002
            scorer.answer = lambda _, texts, best=best: [float(text.startswith(best)) for text in texts]
        answers: list[StageResult] = []
        done = asyncio.Event()

        async def shopper(number: int) -> None:
            turn = 0
            while not done.is_set():
                turn += 1
                answers.append(await bench.ask([*TITLES, f"red scarf {number} {turn}"]))

        shoppers = [asyncio.create_task(shopper(number)) for number in range(4)]
        for turn in range(10):
            live, previous = ("v2", "v1") if turn % 2 == 0 else ("v1", "v2")
            bench.write(live, previous=previous)
            await asyncio.sleep(0.05)
        done.set()
        await asyncio.gather(*shoppers)
        first = {"v1@1": "red hat", "v2@1": "red shoes"}
        for result in answers:
            assert not result.skipped
            (title,) = result.standing.candidates[0].fields["title"]
            assert title == first[result.versions["model"]]
        assert {result.versions["model"] for result in answers} == set(first)
        assert bench.made == ["v1", "v2"]


@pytest.mark.parametrize(
    "content", [b"{", b'{"lief": 1}', b'{"format": 1}', b'{"live": {"model": "v2"}}'], ids=ascii
)
async def test_a_file_that_is_not_valid_is_refused_once_and_the_model_stays(
    tmp_path: Path, content: bytes
) -> None:
    async with following(tmp_path) as bench:
        bench.alias.write_bytes(content)
        await until(lambda: bench.count("reshelf_aliases_refused_total") == 1)
        await asyncio.sleep(0.05)
        assert bench.count("reshelf_aliases_refused_total") == 1
        assert (await bench.ask()).versions == {"model": "v1@1"}
        bench.write("v2")
        await bench.asked_until("v2")


async def test_a_file_that_is_gone_changes_nothing(tmp_path: Path) -> None:
    async with following(tmp_path) as bench:
        bench.alias.unlink()
        await until(lambda: bench.count("reshelf_aliases_refused_total") == 1)
        assert (await bench.ask()).versions == {"model": "v1@1"}


async def test_a_model_that_does_not_answer_is_not_switched_to_until_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.ranking.relevance.live.PATIENCE", 0.1)
    async with following(tmp_path) as bench:
        bench.scorers["v2"] = ScriptedScorer("v2@1")
        bench.scorers["v2"].error = ScorerModelLost("unknown model")
        bench.write("v2", previous="v1")
        await until(lambda: bench.count("reshelf_aliases_refused_total") == 1)
        assert (await bench.ask()).versions == {"model": "v1@1"}
        assert bench.live.usable
        bench.scorers["v2"].error = None
        await bench.asked_until("v2")


async def test_readiness_follows_the_live_model(tmp_path: Path) -> None:
    async with following(tmp_path) as bench:
        bench.scorers["v1"].error = ScorerFailed("x")
        await asyncio.wait_for(bench.live.wait_until(usable=False), 5)
        bench.write("v2", previous="v1")
        await asyncio.wait_for(bench.live.wait_until(usable=True), 5)
        assert (await bench.ask()).versions == {"model": "v2@1"}


async def test_a_candidate_ranks_its_share_and_is_not_heard(tmp_path: Path) -> None:
    async with following(tmp_path) as bench:
        bench.scorers["v2"] = ScriptedScorer("v2@1")
        bench.scorers["v2"].answer = lambda _, texts: list(range(len(texts), 0, -1))
        bench.write("v1", candidate="v2", share=1.0)
        await until(lambda: "v2" in bench.made)
        await until(lambda: [CANARY_TEXT] in bench.scorers["v2"].asked)
        for number in range(3):
            result = await bench.ask([*TITLES, f"red scarf {number}"])
            assert result.versions == {"model": "v1@1"}
            await until(
                lambda number=number: (
                    bench.count("reshelf_shadow_searches_total", model="v2", outcome="compared") == number + 1
                )
            )
        assert bench.count("reshelf_shadow_overlap_sum", model="v2") == pytest.approx(3)
        assert bench.count("reshelf_shadow_seconds_count", model="v2", ranker="candidate") == 3
        bench.write("v1", candidate="v2")
        await asyncio.sleep(0.1)
        asked = len(bench.scorers["v2"].asked)
        await bench.ask(["red trousers", *TITLES])
        await asyncio.sleep(0.05)
        assert len(bench.scorers["v2"].asked) == asked
