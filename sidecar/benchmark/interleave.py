"""Run arms against each other so that noise of the machine hits all of them alike."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sidecar.benchmark.client import SearchClient


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to run the same search."""

    name: str
    pipeline: str
    body: Callable[[str], dict[str, Any]]
    """The request body of a query text."""


@dataclass(slots=True)
class Timings:
    """Seconds by arm, paired by position; and what was not answered with 200."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    failures: int = 0


def run_interleaved(
    url: str,
    index: str,
    arms: Sequence[Arm],
    queries: Sequence[str],
    rounds: int,
    clients: int,
    progress: Callable[[], None] = lambda: None,
) -> Timings:
    """Every client runs every query in every arm, `rounds` times, back to back, turning the order each time.

    Back to back rather than in long blocks: on a shared machine the noise lasts seconds, a search
    milliseconds. The order of the arms is reversed in every other turn (ABBA), so that neither arm
    always finds the caches warm.
    """
    results = [Timings({arm.name: [] for arm in arms}) for _ in range(clients)]
    failures: list[BaseException] = []

    def work(number: int) -> None:
        client = SearchClient(url)
        mine = results[number]
        try:
            for turn in range(rounds):
                for position, query in enumerate(queries):
                    order = arms if (turn + position) % 2 == 0 else list(reversed(arms))
                    answers = {arm.name: client.search(index, arm.body(query), arm.pipeline) for arm in order}
                    if any(answer.status != 200 for answer in answers.values()):
                        mine.failures += 1
                    else:
                        for name, answer in answers.items():
                            mine.seconds[name].append(answer.seconds)
                    progress()
        except BaseException as error:  # noqa: BLE001 - carried to the caller's thread, where it is raised
            failures.append(error)
        finally:
            client.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    merged = Timings({arm.name: [] for arm in arms})
    for result in results:
        merged.failures += result.failures
        for name, seconds in result.seconds.items():
            merged.seconds[name].extend(seconds)
    return merged
