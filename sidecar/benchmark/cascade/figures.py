"""What the answers of every arm are worth, and what they took."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.benchmark.cascade.arms import BASELINES, CascadeArm
from sidecar.benchmark.cascade.ranker import Done, Question, Ranked
from sidecar.benchmark.cascade.run import Rounds
from sidecar.evaluation.comparison import Comparison, compare
from sidecar.evaluation.measures import PRIMARY, Values, measure


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """`ndcg` is the mean over queries and rounds. Times are milliseconds; `in_time` counts searches.

    `read`: hits that the cross-encoder read, on average. `done` counts searches by how far they came.
    """

    name: str
    deadline_ms: float | None
    searches: int
    in_time: int | None
    p50_ms: float
    p99_ms: float
    max_ms: float
    read: float
    done: dict[str, int]
    ndcg: float
    against: dict[str, Comparison]
    """By baseline; the differences are paired by query, each the mean over the rounds."""

    def lost(self, baseline: str) -> float:
        """The share of the baseline's nDCG@10 that is lost; negative where it is more."""
        difference = self.against[baseline].delta
        before = self.ndcg - difference
        return -difference / before if before else 0.0


def figures_of(arms: Sequence[CascadeArm], questions: Sequence[Question], rounds: Rounds) -> list[ArmFigures]:
    """A row an arm, in their order."""
    values = {arm.name: _values(questions, rounds[arm.name]) for arm in arms}
    return [_figures(arm, rounds[arm.name], values) for arm in arms]


def _values(questions: Sequence[Question], rounds: Sequence[Sequence[Ranked]]) -> Values:
    """nDCG@10 of each query, the mean over the rounds."""
    queries = [question.query for question in questions]
    by_round = [measure(queries, [list(answer.ids) for answer in answers])[PRIMARY] for answers in rounds]
    return np.asarray(np.mean(by_round, axis=0))


def _figures(arm: CascadeArm, rounds: Sequence[Sequence[Ranked]], values: dict[str, Values]) -> ArmFigures:
    answers = [answer for answers in rounds for answer in answers]
    taken = np.array([answer.seconds for answer in answers])
    p50, p99, most = (round(float(value) * 1000, 1) for value in np.percentile(taken, [50, 99, 100]))
    counts = Counter(answer.done for answer in answers)
    mine = values[arm.name]
    return ArmFigures(
        name=arm.name,
        deadline_ms=None if arm.deadline is None else arm.deadline * 1000,
        searches=len(answers),
        in_time=None if arm.deadline is None else int(np.sum(taken <= arm.deadline)),
        p50_ms=p50,
        p99_ms=p99,
        max_ms=most,
        read=float(np.mean([answer.read for answer in answers])),
        done={done.value: counts[done] for done in Done},
        ndcg=float(mine.mean()),
        against={
            name: compare(arm.name, name, PRIMARY, mine, values[name])
            for name in BASELINES
            if name != arm.name
        },
    )
