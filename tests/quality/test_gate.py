"""What the gate lets through, by figures made up."""

from typing import Any

import pytest

from sidecar.evaluation.arms.arm import Answer
from sidecar.evaluation.arms.bm25 import Bm25
from sidecar.evaluation.arms.reranked import Reranked
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.report import Report, report_on
from sidecar.evaluation.run import ArmRun
from tests.quality.gate import EXPECTED, Expectation, expectation, problems

QUERIES = [JudgedQuery(number, f"q{number}", {"e": "E", "i": "I"}) for number in range(20)]
RIGHT, WRONG = Answer(["e", "i"]), Answer(["i", "e"])
# A wrong answer's nDCG@10 is 0.6309: half of them wrong makes 0.8155.
EXPECTATION = Expectation(queries=20, seed=0, bm25=0.8155, reranked=0.9262, tolerance=0.006, floor=0.05)


def report(bm25_right: int, reranked_right: int, incomplete: str = "") -> Report:
    """So many of the twenty queries answered right by each."""
    plain = ArmRun(Bm25(), QUERIES, [RIGHT] * bm25_right + [WRONG] * (20 - bm25_right))
    ranked = [RIGHT] * reranked_right + [WRONG] * (20 - reranked_right)
    ranked[0] = Answer(ranked[0].ids, incomplete)
    return report_on(QUERIES, [plain, ArmRun(Reranked(), QUERIES, ranked)])


def test_the_same_again_passes() -> None:
    assert problems(report(10, 16), EXPECTATION) == []


def test_better_passes() -> None:
    assert problems(report(10, 20), EXPECTATION) == []


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        pytest.param({"bm25_right": 10, "reranked_right": 15}, "got worse: 0.9077 instead", id="worse"),
        pytest.param({"bm25_right": 9, "reranked_right": 16}, "the baseline is another", id="weak baseline"),
        pytest.param({"bm25_right": 10, "reranked_right": 10}, "below the floor +0.05", id="no gain"),
        pytest.param(
            {"bm25_right": 10, "reranked_right": 16, "incomplete": "deadline"},
            "1 answers are not fully re-ranked",
            id="incomplete",
        ),
    ],
)
def test_worse_does_not(measured: dict[str, Any], told: str) -> None:
    assert any(told in problem for problem in problems(report(**measured), EXPECTATION))


@pytest.mark.parametrize("name", ["esci", "shop"])
def test_what_is_written_down_asks_for_a_gain(name: str) -> None:
    expected = expectation(name)
    assert EXPECTED.is_file()
    assert expected.floor > 0, "no worse than BM25 is the least"
    assert expected.reranked - expected.bm25 > expected.floor
    assert expected.tolerance < expected.reranked - expected.bm25, "BM25's own order would pass"
