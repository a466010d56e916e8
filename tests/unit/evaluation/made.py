"""Rankings made up, for the reports' tests."""

from collections.abc import Sequence

from sidecar.evaluation.arms.arm import Answer
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.measured import Measured, measured
from sidecar.evaluation.run import ArmRun


class MadeArm:
    """An arm that is never asked."""

    needs_pipeline = False

    def __init__(self, name: str, *, reranks: bool) -> None:
        self.name = name
        self.reranks = reranks

    def search(self, *_: object) -> Answer:
        raise AssertionError("not to be asked")

    def warm(self, *_: object) -> str:
        raise AssertionError("not to be asked")


def queries_of(texts: Sequence[str]) -> list[JudgedQuery]:
    """Queries with one exact product, `e`, and one that is not, `i`."""
    return [JudgedQuery(number, text, {"e": "E", "i": "I"}) for number, text in enumerate(texts, 1)]


def runs_of(
    texts: Sequence[str],
    *,
    new: Sequence[list[str]],
    old: Sequence[list[str]],
    versions: dict[str, str] | None = None,
) -> list[ArmRun]:
    """Two arms' rankings: `old` is the baseline."""
    queries = queries_of(texts)
    return [
        ArmRun(MadeArm("old", reranks=False), queries, [Answer(ids) for ids in old]),
        ArmRun(MadeArm("new", reranks=True), queries, [Answer(ids, "", versions or {}) for ids in new]),
    ]


def measured_of(texts: Sequence[str], *, new: Sequence[list[str]], old: Sequence[list[str]]) -> Measured:
    """The same, measured."""
    return measured(queries_of(texts), runs_of(texts, new=new, old=old))
