"""The connections of one command: Triton's control, and a scorer for each model that is asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sidecar.config.alias import ServedModel
from sidecar.ranking.relevance.triton import TritonScorer
from sidecar.ranking.relevance.triton_connection import Connection
from sidecar.ranking.relevance.triton_control import ControlError, TritonControl
from sidecar.rollout.canary import ScoreTable, canary_scores
from sidecar.rollout.errors import RolloutError


class Connected:
    """To be used inside one event loop; see `connected`. All methods raise RolloutError."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.control = TritonControl(connection)

    async def load(self, model: str) -> None:
        """Returns when it is ready."""
        try:
            await self.control.load(model)
        except ControlError as error:
            raise RolloutError(f"Triton does not load {model}: {error}") from error

    async def canary(self, served: ServedModel, dimensions: int | None = None) -> ScoreTable:
        """The canary pairs' scores by that model; answers of another fingerprint are refused."""
        scorer = self.scorer(served)
        try:
            return await canary_scores(scorer, dimensions)
        except RolloutError as error:
            raise RolloutError(f"{served.model}: {error}") from error
        finally:
            await scorer.close()

    def scorer(self, served: ServedModel) -> TritonScorer:
        """Asks that model and accepts no other one's answer. To be closed."""
        return TritonScorer(
            self._connection.address,
            served.model,
            fingerprint=served.fingerprint,
            **self._connection.options(),
        )


@asynccontextmanager
async def connected(connection: Connection) -> AsyncIterator[Connected]:
    """Opened for one command."""
    made = Connected(connection)
    try:
        yield made
    finally:
        await made.control.close()
