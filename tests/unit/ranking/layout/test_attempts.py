"""Each action is timed by itself."""

import pytest

from sidecar.ranking.layout import attempts
from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.telling import Telling

SLOW = 0.02


class Clocks:
    """Wall time and this thread's own, in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.own = 0.0
        monkeypatch.setattr(attempts.time, "perf_counter", lambda: self.wall)
        monkeypatch.setattr(attempts.time, "thread_time", lambda: self.own)

    def work(self, own: float, waited: float = 0.0) -> bool:
        self.own += own
        self.wall += own + waited
        return True


def act(rule: str) -> Act[None]:
    return Act(rule, 0, 0, "hide", None)


def test_what_others_took_is_not_its_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks(monkeypatch)
    tried = Attempts(Telling(), slow=SLOW)
    for number in range(5):
        assert tried.of(act(f"r{number}"), clocks.work, 0.008)
    assert tried.of(act("waits"), clocks.work, 0.001, 0.1)
    assert tried.together(clocks.work, 0.008, 0.1)
    assert not tried.failed


def test_what_takes_long_itself_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks(monkeypatch)
    tried = Attempts(Telling(), slow=SLOW)
    assert tried.of(act("slow"), clocks.work, 0.03) is None
    assert tried.together(clocks.work, 0.03) is None
    assert tried.failed == {"slow": "slow"}
