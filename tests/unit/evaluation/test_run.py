"""Asking the arms: again while an answer is incomplete, but not for ever."""

from typing import Any

import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation import run as run_module
from sidecar.evaluation.arms import arms_named
from sidecar.evaluation.arms.arm import Answer
from sidecar.evaluation.arms.through_pipeline import why_incomplete
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.report import report_on
from sidecar.evaluation.run import COLD_IN_A_ROW, ROUNDS_WITHOUT_PROGRESS, run_arms

QUERIES = [JudgedQuery(n, f"q{n}", {"a": "E", "b": "I"}) for n in range(8)]
CLIENT: Any = None


class Stubborn:
    """An arm whose answers are complete at the `patience`-th attempt."""

    name = "reranked"
    needs_pipeline = True
    reranks = True

    def __init__(self, patience: int, cold: str = "") -> None:
        self.patience = patience
        self.asked: dict[str, int] = {}
        self.warmed: list[str] = []
        self.cold = cold

    def search(self, client: Any, index: str, query: str, size: int) -> Answer:
        self.asked[query] = self.asked.get(query, 0) + 1
        if self.asked[query] >= self.patience:
            return Answer(["a", "b"])
        return Answer(["b", "a"], "partly_scored")

    def warm(self, client: Any, index: str, query: str, size: int) -> str:
        self.warmed.append(query)
        return self.cold


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module.time, "sleep", lambda seconds: None)


def test_an_incomplete_answer_is_asked_again() -> None:
    arm = Stubborn(3)
    (run,) = run_arms(CLIENT, "i", [arm], QUERIES)
    assert run.incomplete == {}
    assert run.rankings == [["a", "b"]] * len(QUERIES)
    assert sorted(arm.warmed) == sorted(2 * [query.text for query in QUERIES])


def test_what_stays_incomplete_is_counted_and_measured_as_it_is() -> None:
    arm = Stubborn(1000)
    (run,) = run_arms(CLIENT, "i", [arm], QUERIES, attempts=4)
    assert run.incomplete == dict.fromkeys((query.text for query in QUERIES), "partly_scored")
    report = report_on(QUERIES, [run])
    assert report.to_json()["incomplete"] == {"reranked": len(QUERIES)}
    assert report.arms["reranked"]["mrr@10"] == pytest.approx(0.5)
    assert set(arm.asked.values()) == {4}


def test_what_is_down_is_not_asked_for_ever() -> None:
    arm = Stubborn(1000)
    run_arms(CLIENT, "i", [arm], QUERIES, attempts=100)
    assert set(arm.asked.values()) == {1 + ROUNDS_WITHOUT_PROGRESS}


def test_what_cannot_be_warmed_gives_the_round_up() -> None:
    arm = Stubborn(1000, cold="breaker_open")
    (run,) = run_arms(CLIENT, "i", [arm], QUERIES, attempts=100)
    again = [arm.asked[query.text] - 1 for query in QUERIES]
    assert sum(again) == ROUNDS_WITHOUT_PROGRESS * COLD_IN_A_ROW
    assert again[0] > 0 < again[-1], "neither end is left unasked"
    assert len(run.incomplete) == len(QUERIES)


def test_the_report_is_the_agreed_json() -> None:
    class Worse(Stubborn):
        name = "bm25"
        needs_pipeline = False
        reranks = False

        def search(self, client: Any, index: str, query: str, size: int) -> Answer:
            return Answer(["b", "a"])

    runs = run_arms(CLIENT, "i", [Worse(1), Stubborn(1)], QUERIES)
    data = report_on(QUERIES, runs).to_json()
    assert data["queries"] == 8
    assert set(data["arms"]) == {"bm25", "reranked"}
    assert set(data["arms"]["bm25"]) == {"ndcg@10", "ndcg@5", "mrr@10", "recall@100", "ndcg@10/binary"}
    first = data["comparisons"][0]
    assert set(first) == {
        *("arm", "baseline", "metric", "delta", "ci95", "p"),
        *("p_randomization", "wins", "losses", "ties"),
    }
    assert (first["arm"], first["baseline"], first["metric"]) == ("reranked", "bm25", "ndcg@10")
    assert first["delta"] == pytest.approx(
        data["arms"]["reranked"]["ndcg@10"] - data["arms"]["bm25"]["ndcg@10"]
    )
    assert len(first["ci95"]) == 2
    assert len(data["comparisons"]) == 5
    assert data["incomplete"] == {"reranked": 0}


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (None, "no_report"),
        ({"reranked": True, "skipped": []}, ""),
        ({"reranked": True, "skipped": [{"stage": "relevance", "reason": "partly_scored"}]}, "partly_scored"),
        ({"reranked": True, "skipped": [{"stage": "relevance", "reason": "truncated_text"}]}, ""),
        ({"reranked": False, "reason": "deadline"}, "deadline"),
        ({"reranked": False}, "not_reranked"),
    ],
)
def test_what_the_plugin_reports_decides(report: dict[str, Any] | None, expected: str) -> None:
    response = {"hits": {"hits": []}} if report is None else {"ext": {"reshelf": report}}
    assert why_incomplete(response) == expected


def test_an_unknown_arm_is_refused_naming_the_arms() -> None:
    with pytest.raises(ConfigurationError, match=r"bm52 is no arm\. Arms: bm25, reranked"):
        arms_named("bm52,reranked")
    with pytest.raises(ConfigurationError, match="nothing is no arm"):
        arms_named(" , ")
    assert [arm.name for arm in arms_named("reranked, bm25,bm25")] == ["reranked", "bm25"]
