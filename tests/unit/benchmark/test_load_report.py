"""The figures under load, told and drawn."""

from pathlib import Path

from rich.console import Console

from sidecar.benchmark.load.eventful import eventful
from sidecar.benchmark.load.events import Event
from sidecar.benchmark.load.goodput import Goodput
from sidecar.benchmark.load.outcome import Answer, Kind, Outcome
from sidecar.benchmark.load.plots import draw_load
from sidecar.benchmark.load.report import comparisons, happenings, show_load
from sidecar.benchmark.load.run import Found
from sidecar.benchmark.load.saturation import Saturation


def outcomes(seconds: int) -> list[Outcome]:
    answer = Answer(True, (), frozenset({"a@1"}))
    return [Outcome(0, at / 5, at / 5 + 0.01, Kind.FULL, answer) for at in range(seconds * 5)]


def found() -> Found:
    steps = [Goodput.of(outcomes(10), 10.0)]
    event = Event(4.0, "reshelf model promote", took=1.5, status=1, told="no candidate")
    return Found(
        {"caches off, s = 1": Saturation(steps, 4.0, 4.0), "warm, s = 1": Saturation(steps, 30.0, 25.0)},
        {"cold, s = 1": steps[0]},
        [eventful("warm, s = 1", 5.0, outcomes(12), 12.0, [event])],
    )


def test_goodput_is_compared_with_the_caches_off() -> None:
    assert comparisons(found()) == ["warm, s = 1: 7.5 times the goodput with the caches off"]
    none = found()
    none.saturation["caches off, s = 1"] = Saturation([], 0.0, 0.0)
    assert comparisons(none) == ["warm, s = 1: with the caches off no search is reranked in full"]


def test_events_tell_what_went_wrong() -> None:
    lines = happenings(found().eventful[0])
    assert "at 4 s: reshelf model promote (took 1.5 s, exit code 1: no candidate)" in lines[0]
    assert "full reranking after 0.0 s" in lines[0]


def test_everything_is_told_and_drawn(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w") as file:
        console = Console(record=True, width=150, file=file)
        show_load(console, found())
    told = console.export_text()
    for words in ("best goodput 30.0/s", "from empty caches", "with events", "before", "a@1"):
        assert words in told
    draw_load(tmp_path / "load.svg", found())
    drawn = (tmp_path / "load.svg").read_text()
    assert "goodput a second" in drawn
    assert "reshelf model promote" in drawn
