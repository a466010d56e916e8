"""What counts as reranked, how a dent is measured, and when a rate is too high."""

import pytest

from sidecar.benchmark.load.eventful import eventful
from sidecar.benchmark.load.events import Event
from sidecar.benchmark.load.goodput import Goodput, seconds_until_full
from sidecar.benchmark.load.outcome import Answer, Kind, Outcome
from sidecar.benchmark.load.saturation import saturate

A, B = frozenset({"a@1"}), frozenset({"b@2"})


def outcome(at: float, kind: Kind = Kind.FULL, answer: Answer | None = None, query: int = 0) -> Outcome:
    return Outcome(query, at, at + 0.05, kind, answer or Answer(kind is Kind.FULL, (), A))


def steady(seconds: float, dents: list[tuple[float, float]]) -> list[Outcome]:
    """Ten searches a second, degraded within the dents."""
    times = [number / 10 for number in range(int(seconds * 10))]
    return [
        outcome(at, Kind.DEGRADED if any(start <= at < end for start, end in dents) else Kind.FULL)
        for at in times
    ]


def test_only_full_and_timely_rerankings_are_goodput() -> None:
    kinds = [Kind.FULL, Kind.FULL, Kind.DEGRADED, Kind.LATE, Kind.FAILED]
    found = Goodput.of([outcome(float(place), kind) for place, kind in enumerate(kinds)], 10.0)
    assert (found.offered, found.goodput, found.answered_in_full) == (0.5, 0.2, 0.4)
    assert found.kinds == {"full": 2, "degraded": 1, "late": 1, "failed": 1}
    assert found.p50 == pytest.approx(50.0)


def test_answers_that_mix_models_are_counted() -> None:
    both = Answer(True, (), A | B)
    found = Goodput.of([outcome(0.0), outcome(0.1, answer=both)], 1.0)
    assert found.mixed == 1
    assert found.models == {"a@1": 2, "b@2": 1}


def test_an_order_that_another_answer_of_the_same_query_and_model_has_not_is_counted() -> None:
    def ordered(order: int, models: frozenset[str] = A) -> Answer:
        return Answer(True, (), models, order)

    answers = [ordered(1), ordered(1), ordered(2), ordered(3, B)]
    assert Goodput.of([outcome(0.0, answer=one) for one in answers], 1.0).unlike == 1
    other_queries = [outcome(0.0, answer=one, query=place) for place, one in enumerate(answers)]
    assert Goodput.of(other_queries, 1.0).unlike == 0


def test_a_dent_lasts_until_searches_are_reranked_as_before() -> None:
    assert seconds_until_full(steady(30, [(10, 14)]), 30, 10.0) == 4.0
    assert seconds_until_full(steady(30, []), 30, 10.0) == 0.0
    assert seconds_until_full(steady(30, [(10, 30)]), 30, 10.0) is None
    # One good moment in the middle is no recovery.
    assert seconds_until_full(steady(30, [(10, 14), (14.6, 18)]), 30, 10.0) == 8.0
    # It may begin some time after the event.
    assert seconds_until_full(steady(30, [(12, 14)]), 30, 10.0) == 4.0


def test_an_eventful_run_is_told_in_parts() -> None:
    event = Event(10.0, "promote", took=2.0, status=0)
    found = eventful("warm", 10.0, steady(30, [(10, 11)]), 30, [event])
    assert (found.before.answered_in_full, found.after.answered_in_full) == (1.0, 1.0)
    assert found.during.kinds["degraded"] == 10
    assert found.during.searches == 70
    assert found.happened[0].back == 1.0


async def test_the_rate_goes_up_until_it_is_too_high() -> None:
    async def until_forty(rate: float) -> Goodput:
        share = min(1.0, 40 / rate) ** 2
        kinds = {kind.value: 0 for kind in Kind}
        return Goodput(rate, rate * share, share, 1.0, 1.0, 1, kinds, {}, {}, 0, 0)

    found = await saturate(until_forty, 10.0)
    assert [round(step.offered, 2) for step in found.steps] == [10.0, 15.0, 22.5, 33.75, 50.62, 75.94]
    assert found.kept_up == 33.75
    assert found.best == pytest.approx(33.75)
