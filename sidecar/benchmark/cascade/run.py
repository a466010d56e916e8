"""Every query through every arm, so that the machine's noise hits all of them alike."""

from collections.abc import Callable, Sequence

from sidecar.benchmark.cascade.arms import CascadeArm
from sidecar.benchmark.cascade.ranker import CascadeRanker, Question, Ranked

WARM_UPS = 3
"""Queries ranked in every arm before any counts: the engine learns what a token costs."""

Rounds = dict[str, list[list[Ranked]]]
"""By arm: rounds of answers in the questions' order."""


async def run_cascade(
    ranker: CascadeRanker,
    arms: Sequence[CascadeArm],
    questions: Sequence[Question],
    rounds: int,
    on_question: Callable[[int], None],
) -> Rounds:
    """All arms back to back for each query, the order turned every time.

    Without a deadline the order is the same every time: those arms run in the first round only. Raises
    ScorerError.
    """
    for question in questions[:WARM_UPS]:
        for arm in arms:
            await ranker.rank(arm, question)
    found: Rounds = {arm.name: [] for arm in arms}
    for number in range(rounds):
        some = [arm for arm in arms if number == 0 or arm.deadline is not None]
        for arm in some:
            found[arm.name].append([])
        for place, question in enumerate(questions):
            for arm in some if (number + place) % 2 == 0 else reversed(some):
                found[arm.name][-1].append(await ranker.rank(arm, question))
            on_question(number * len(questions) + place + 1)
    return found
