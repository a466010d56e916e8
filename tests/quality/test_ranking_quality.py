"""The gate: the ranking that shoppers see is as good as it was, and the gate would notice if it were not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sidecar.evaluation.arms.arm import Answer
from sidecar.evaluation.report import report_on
from sidecar.evaluation.run import ArmRun
from tests.quality.conftest import JudgedShop
from tests.quality.gate import measured_lines, problems

# The model reads some thousands of pairs, on whatever processor there is.
pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

Worsening = Callable[[list[str], list[str]], list[str]]


def test_the_ranking_is_as_good_as_it_was(runs: list[ArmRun], judged_shop: JudgedShop) -> None:
    report = report_on(runs[0].queries, runs)
    found = problems(report, judged_shop.expected)
    assert not found, "\n".join([*found, "measured:", measured_lines(report)])


@pytest.mark.parametrize(
    "worsen",
    [
        pytest.param(lambda best, bm25: bm25, id="the model is not heard"),
        pytest.param(lambda best, bm25: [*best[3:10], *best[:3], *best[10:]], id="the best three fall"),
        pytest.param(lambda best, bm25: [*best[1::2], *best[::2]], id="every second one is lost"),
        pytest.param(lambda best, bm25: best[::-1], id="the order is turned round"),
    ],
)
def test_a_worse_ranking_is_caught(runs: list[ArmRun], judged_shop: JudgedShop, worsen: Worsening) -> None:
    bm25, reranked = runs
    worse = [
        Answer(worsen(answer.ids, plain.ids))
        for answer, plain in zip(reranked.answers, bm25.answers, strict=True)
    ]
    report = report_on(bm25.queries, [bm25, replace(reranked, answers=worse)])
    assert any("worse" in problem for problem in problems(report, judged_shop.expected))
