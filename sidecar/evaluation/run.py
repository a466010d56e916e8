"""Ask every arm every query, until each answer is complete or patience ends."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from opensearchpy import OpenSearch

from sidecar.evaluation.arms.arm import Answer, Arm
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.opensearch.connection import explained

DEPTH = 100
ATTEMPTS = 10
WARMING_PAUSES = (0.0, 0.5, 1.0, 2.0)  # seconds before each try to warm one search
COLD_IN_A_ROW = 3  # searches that could not be warmed: the round is given up
ROUNDS_WITHOUT_PROGRESS = 3


@dataclass
class ArmRun:
    """One arm's answers in the queries' order."""

    arm: Arm
    queries: Sequence[JudgedQuery]
    answers: list[Answer] = field(default_factory=list)

    @property
    def rankings(self) -> list[list[str]]:
        return [answer.ids for answer in self.answers]

    @property
    def incomplete(self) -> dict[str, str]:
        """Why, by query, for those answers that are not all they should be."""
        return {
            query.text: answer.incomplete
            for query, answer in zip(self.queries, self.answers, strict=True)
            if answer.incomplete
        }

    @property
    def versions(self) -> dict[str, list[str]]:
        """What decided, by name: one version each, or several if they changed meanwhile."""
        found: dict[str, set[str]] = {}
        for answer in self.answers:
            for name, version in answer.versions.items():
                found.setdefault(name, set()).add(version)
        return {name: sorted(versions) for name, versions in sorted(found.items())}


def run_arms(
    client: OpenSearch,
    index: str,
    arms: Sequence[Arm],
    queries: Sequence[JudgedQuery],
    *,
    attempts: int = ATTEMPTS,
    depth: int = DEPTH,
    on_search: Callable[[int, str], None] | None = None,
) -> list[ArmRun]:
    """The best `depth` products of every arm for every query. Raises ClusterError.

    Incomplete answers are asked for again in rounds, `attempts` times in all: a cold model is too slow for
    the deadline, and warm later. Three rounds that complete nothing end it: then something is down.
    """
    runs = [ArmRun(arm, queries) for arm in arms]
    for number, query in enumerate(queries):
        for place, run in enumerate(runs):
            run.answers.append(_search(run.arm, client, index, query.text, depth))
            if on_search is not None:
                on_search(number * len(runs) + place + 1, "")
    for run in runs:
        _complete(run, client, index, attempts, depth, on_search)
    return runs


def _search(arm: Arm, client: OpenSearch, index: str, query: str, depth: int) -> Answer:
    with explained(f"searching `{index}` for {query!r} ({arm.name})"):
        return arm.search(client, index, query, depth)


def _warm(arm: Arm, client: OpenSearch, index: str, query: str, depth: int) -> bool:
    """Whether everything that the search needs is warm now. A breaker that is open closes in a second."""
    for pause in WARMING_PAUSES:
        time.sleep(pause)
        with explained(f"warming `{index}` for {query!r} ({arm.name})"):
            if not arm.warm(client, index, query, depth):
                return True
    return False


def _complete(
    run: ArmRun,
    client: OpenSearch,
    index: str,
    attempts: int,
    depth: int,
    on_search: Callable[[int, str], None] | None,
) -> None:
    fruitless = 0
    for number in range(attempts - 1):
        left = [place for place, answer in enumerate(run.answers) if answer.incomplete]
        if not left or fruitless == ROUNDS_WITHOUT_PROGRESS:
            return
        # To and fro: a round that was given up at one end must not leave the other end unasked.
        left = left[::-1] if number % 2 else left
        cold_in_a_row = 0
        for again, place in enumerate(left):
            if on_search is not None:
                on_search(len(run.queries), f"{run.arm.name}: asking {again + 1} of {len(left)} again")
            query = run.queries[place].text
            warm = _warm(run.arm, client, index, query, depth)
            cold_in_a_row = 0 if warm else cold_in_a_row + 1
            run.answers[place] = _search(run.arm, client, index, query, depth)
            if cold_in_a_row == COLD_IN_A_ROW:
                break
        done = sum(not run.answers[place].incomplete for place in left)
        fruitless = 0 if done else fruitless + 1
