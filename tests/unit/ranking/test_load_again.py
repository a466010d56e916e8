"""A lost model is loaded again, not too often, and nothing else is."""

import asyncio

import pytest

from sidecar.ranking.relevance import repair
from sidecar.ranking.relevance.repair import LoadAgain
from sidecar.ranking.relevance.scorer import (
    ScorerError,
    ScorerFailed,
    ScorerLate,
    ScorerModelLost,
    ScorerOverloaded,
    ScorerUnavailable,
)
from sidecar.telemetry.metrics import Metrics

LOST = ScorerModelLost("unknown model")


class Server:
    def __init__(self) -> None:
        self.loads = 0
        self.refuses = False

    async def load(self) -> None:
        self.loads += 1
        if self.refuses:
            raise RuntimeError("explicit model load / unload is not allowed")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "JITTER", 0.0)
    monkeypatch.setattr(repair, "FIRST_PAUSE", 0.05)


async def test_a_lost_model_is_loaded_once_in_a_pause_that_grows() -> None:
    server, metrics = Server(), Metrics()
    server.refuses = True
    mending = LoadAgain(server.load, metrics)
    for _ in range(3):
        await mending.consider(LOST)
    assert server.loads == 1
    await asyncio.sleep(0.06)
    await mending.consider(LOST)
    assert server.loads == 2
    await asyncio.sleep(0.06)
    await mending.consider(LOST)
    assert server.loads == 2, "the second pause is twice as long"
    server.refuses = False
    mending.mended()
    await mending.consider(LOST)
    assert server.loads == 3
    outcomes = {
        outcome: metrics.registry.get_sample_value("reshelf_repairs_total", {"outcome": outcome})
        for outcome in ("loaded", "failed")
    }
    assert outcomes == {"loaded": 1, "failed": 2}


@pytest.mark.parametrize(
    "error", [ScorerUnavailable("x"), ScorerLate("x"), ScorerOverloaded("x"), ScorerFailed("x")]
)
async def test_what_loading_does_not_mend_is_left_alone(error: ScorerError) -> None:
    server = Server()
    await LoadAgain(server.load, Metrics()).consider(error)
    assert server.loads == 0
