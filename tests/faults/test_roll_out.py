"""Models exchanged, killed and lost on a real Triton while searches go on."""

import asyncio
import json
import shutil
import time
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sidecar.model.checksums import sha256_of
from sidecar.ranking.relevance.triton_control import TritonControl
from sidecar.rollout.deploy import deploy
from sidecar.rollout.promote import promote
from sidecar.server.service import Service
from sidecar.stack.triton import ensure_triton
from sidecar.stack.triton_process import TritonProcess
from sidecar.wire.reshelf.v1.rerank_pb2_grpc import RerankerStub
from tests.fixtures.rollout import Rollout, tiny_versions
from tests.fixtures.service import request, running, stub

pytestmark = pytest.mark.stack

WORDS = ["red", "blue", "cotton", "steel", "garden"]
THINGS = ["shoe", "kettle", "lamp", "chair", "pan", "mug"]
SHELF = [f"{word} {thing}" for word in WORDS for thing in THINGS]
QUERIES = ["red shoe", "steel kettle", "garden chair", "blue mug", "cotton lamp"]


@pytest.fixture(scope="module")
def rollout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rollout]:
    folder = tmp_path_factory.mktemp("roll-out")
    versions = tiny_versions(folder)
    (folder / "served").mkdir()
    with TritonProcess(
        folder / "triton", ensure_triton(), folder / "served", alias=folder / "live.json"
    ) as process:
        yield Rollout(folder, process, versions)


@pytest.fixture
async def live(rollout: Rollout) -> Rollout:
    """The first version is live and alone, whatever the test before has left."""
    control = TritonControl(rollout.target.connection)
    rollout.alias.unlink(missing_ok=True)
    for folder in rollout.repository.iterdir():
        await control.unload(folder.name)
        shutil.rmtree(folder)
    await control.close()
    # What the commands do, without starting them: they are what the tests themselves run.
    await deploy(rollout.target, rollout.versions[0].folder)
    await promote(rollout.target)
    return rollout


Told = tuple[float, str, str, tuple[int, ...], str]
"""When, the query, the model, the ranks best first, the skip reasons."""


@dataclass
class Crowd:
    """Shoppers who search all the time, and what they got."""

    client: RerankerStub
    answers: list[Told] = field(default_factory=list)

    async def shop(self, number: int) -> None:
        turn = 0
        while True:
            turn += 1
            query = QUERIES[(number + turn) % len(QUERIES)]
            answer = await self.client.Rerank(request(SHELF, query=query, budget_ms=2000), timeout=10)
            reasons = ",".join(skip.reason for skip in answer.skipped)
            ranks = tuple(hit.rank for hit in answer.hits)
            self.answers.append((time.monotonic(), query, answer.versions.get("model", ""), ranks, reasons))

    def since(self, moment: float) -> list[Told]:
        return [answer for answer in self.answers if answer[0] >= moment]


@asynccontextmanager
async def crowd_of(service: Service, shoppers: int = 4) -> AsyncIterator[Crowd]:
    async with stub(service) as client:
        crowd = Crowd(client)
        tasks = [asyncio.create_task(crowd.shop(number)) for number in range(shoppers)]
        try:
            yield crowd
        finally:
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                assert isinstance(outcome, asyncio.CancelledError), f"a search failed: {outcome!r}"


async def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.05)


async def sample(service: Service, name: str, **labels: str) -> float:
    """One of the sidecar's figures, as Prometheus reads it."""

    def read() -> str:
        with urllib.request.urlopen(f"{service.http.address}/metrics", timeout=10) as answer:
            return answer.read().decode()

    for family in text_string_to_metric_families(await asyncio.to_thread(read)):
        for found in family.samples:
            if found.name == name and found.labels == labels:
                return found.value
    return 0.0


async def test_a_roll_out_and_back_loses_no_search_and_mixes_no_models(live: Rollout) -> None:
    one, two = (version.fingerprint for version in live.versions[:2])
    async with running(live.settings()) as service, crowd_of(service) as crowd:

        def asked_by(model: str) -> Callable[[], bool]:
            return lambda: len(crowd.answers) > 20 and all(found[2] == model for found in crowd.answers[-20:])

        await until(asked_by(one))
        deployed = await live.model("deploy", "2")
        assert deployed["candidate"]["fingerprint"] == two
        assert not deployed["parity"]
        assert deployed["comparison"]["top10_overlap"] <= 1
        assert all(answer[2] == one for answer in crowd.answers), "a candidate answers nobody"
        await live.model("shadow", "--share", "0.5")
        labels = {"model": "bert_reranker_v2", "outcome": "compared"}
        async with asyncio.timeout(30):
            while await sample(service, "reshelf_shadow_searches_total", **labels) < 5:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        told = await live.model("status", "--sidecar", service.http.address)
        (seen,) = told["sidecars"]
        assert seen["follows"]
        assert seen["shadow"]["compared"] >= 5
        assert 0 <= seen["shadow"]["top10_overlap"] <= 1
        promoted = await live.model("promote")
        assert promoted["previous"] == "bert_reranker_v1"
        assert promoted["drained_seconds"] is not None
        await until(asked_by(two))
        rolled_back = await live.model("rollback")
        assert rolled_back["live"]["model"] == "bert_reranker_v1"
        await until(asked_by(one))
        assert await sample(service, "reshelf_model_switches_total") == 2
    assert Counter(answer[4] for answer in crowd.answers) == {"": len(crowd.answers)}, "nothing was skipped"
    orders = {(query, model): set() for query in QUERIES for model in (one, two)}
    for _, query, model, ranks, _ in crowd.answers:
        orders[query, model].add(ranks)
    assert all(len(found) == 1 for found in orders.values()), "one order for a query and a model"
    assert any(orders[query, one] != orders[query, two] for query in QUERIES), "the models differ"


async def test_equal_weights_in_another_precision_must_score_alike(live: Rollout) -> None:
    await live.model("deploy", "2")
    await live.model("promote")
    deployed = await live.model("deploy", "3")
    assert deployed["parity"]
    assert deployed["comparison"]["largest_difference"] < 0.5
    code, _, error = await live.command("deploy", "3", "--tolerance", "0")
    assert code == 1
    assert "standard deviations" in error
    status = await live.model("status")
    assert status["models"]["candidate"]["model"] == "bert_reranker_v3", "the one that was accepted stays"
    promoted = await live.model("promote", "--no-keep-loaded")
    assert promoted["unloaded"] == ["bert_reranker_v2", "bert_reranker_v1"]
    assert sorted(folder.name for folder in live.repository.iterdir()) == [
        "bert_reranker_v2",
        "bert_reranker_v3",
    ]
    rolled_back = await live.model("rollback")
    assert rolled_back["live"]["model"] == "bert_reranker_v2"


async def test_a_killed_model_process_is_repaired_while_all_searches_are_answered(live: Rollout) -> None:
    model = live.versions[0].fingerprint
    async with running(live.settings()) as service, crowd_of(service) as crowd:
        await until(lambda: len(crowd.answers) > 20)
        killed = time.monotonic()
        for process in live.stubs():
            process.kill()
        await until(lambda: any(answer[4] for answer in crowd.answers))
        await until(lambda: len(crowd.answers) > 20 and all(not found[4] for found in crowd.answers[-20:]))
        last_bad = max(answer[0] for answer in crowd.answers if answer[4])
        # Most of it is the model's loading, for which a machine that runs all tests at once took ten.
        assert last_bad - killed < 30
        assert await sample(service, "reshelf_repairs_total", outcome="loaded") >= 1
    told = {reason for answer in crowd.since(killed) for reason in answer[4].split(",")}
    assert told <= {"", "model_unavailable", "out_of_time", "scorer_unavailable", "scorer_overloaded"}
    assert "model_unavailable" in told
    assert all(sorted(answer[3]) == list(range(1, len(SHELF) + 1)) for answer in crowd.answers)
    assert {answer[2] for answer in crowd.answers if not answer[4]} == {model}


async def test_a_model_that_triton_has_lost_is_told_apart_from_a_triton_that_is_gone(live: Rollout) -> None:
    async with running(live.settings(repair=False)) as service, stub(service) as client:

        async def reason() -> str:
            answer = await client.Rerank(request(SHELF, query=f"mug {time.monotonic()}"), timeout=10)
            return ",".join(skip.reason for skip in answer.skipped)

        async def told(expected: str) -> None:
            async with asyncio.timeout(30):
                while await reason() != expected:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)

        control = TritonControl(live.target.connection)
        await control.unload("bert_reranker_v1")
        await told("model_unavailable")
        await asyncio.to_thread(live.triton.kill)
        await told("scorer_unavailable")
        await asyncio.to_thread(live.triton.start)
        await told("")
        await control.close()


async def test_what_must_not_serve_is_refused_and_nothing_changes(live: Rollout, tmp_path: Path) -> None:
    before = live.alias.read_bytes(), sorted(live.repository.iterdir())

    def damaged(number: int, change: Callable[[Path], None]) -> None:
        folder = live.versions[1].folder.parent / str(number)
        shutil.copytree(live.versions[1].folder, folder)
        change(folder)

    def another_kind(folder: Path) -> None:
        rewrite(folder, kind="tree-of-thoughts")

    def a_graph_that_is_none(folder: Path) -> None:
        (folder / "model.onnx").write_bytes(b"nonsense")
        rewrite(folder)

    def an_older_contract(folder: Path) -> None:
        config = (folder / "config.pbtxt").read_text().replace('name: "VECTOR" data_type: TYPE_FP32', "", 1)
        (folder / "config.pbtxt").write_text(config.replace("{  dims: [ -1 ] },", ""))
        rewrite(folder)

    def another_fingerprint(folder: Path) -> None:
        code = (folder / "model.py").read_text()
        (folder / "model.py").write_text(code.replace("self.encoder.fingerprint.encode()", 'b"other@1"'))
        rewrite(folder)

    cases: list[tuple[Callable[[Path], None], str]] = [
        (lambda folder: (folder / "model.onnx").write_bytes(b"nonsense"), "model.onnx: changed"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer.json: missing"),
        (another_kind, "a `tree-of-thoughts`; this reshelf runs bi-encoder and cross-encoder"),
        (an_older_contract, "another contract: no output VECTOR FP32"),
        (lambda folder: rewrite(folder, format=0), "made by another version of reshelf"),
        (a_graph_that_is_none, "Triton does not load bert_reranker_v"),
        (another_fingerprint, "answers as other@1"),
    ]
    for number, (change, message) in enumerate(cases, 10):
        damaged(number, change)
        try:
            code, out, error = await live.command("deploy", str(number))
        finally:
            shutil.rmtree(live.versions[1].folder.parent / str(number))
        assert (code, out) == (1, ""), change
        assert message in error
        assert "Traceback" not in error
        assert (live.alias.read_bytes(), sorted(live.repository.iterdir())) == before
    code, _, error = await live.command("promote")
    assert code == 1
    assert "there is no candidate" in error


def rewrite(folder: Path, **changes: object) -> None:
    """A manifest that fits the files as they are now, as a forger would make it."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = {name: sha256_of(folder / name) for name in manifest["files"]}
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))


async def test_a_second_command_at_the_same_time_is_refused(live: Rollout) -> None:
    first = asyncio.create_task(live.command("deploy", "2"))
    second = asyncio.create_task(live.command("deploy", "2"))
    codes = sorted([(await first)[0], (await second)[0]])
    errors = (await first)[2] + (await second)[2]
    assert codes in ([0, 1], [0, 0])
    assert codes == [0, 0] or "another `reshelf model` command is at work" in errors


async def test_an_object_store_is_filled_by_its_owner(live: Rollout) -> None:
    """Here the "store" is the folder that Triton serves, and the test copies what it is told to copy."""
    code, out, error = await live.command("deploy", "2", "--repository", "s3://shop/models")
    assert code == 0, error
    told = json.loads(out)
    assert told["to"] == "s3://shop/models/bert_reranker_v2"
    shutil.copytree(told["upload"], live.repository / "bert_reranker_v2", dirs_exist_ok=True)
    code, out, error = await live.command("deploy", "2", "--repository", "s3://shop/models", "--uploaded")
    assert code == 0, error
    assert json.loads(out)["candidate"]["model"] == "bert_reranker_v2"
