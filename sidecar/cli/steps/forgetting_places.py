"""Where else shoppers are known, beside their profiles."""

from collections.abc import Sequence

from sidecar.config.sidecar import SidecarSettings
from sidecar.opensearch.served_opening import open_served_log
from sidecar.profiles.forgets import Forgets
from sidecar.served.log import ServedLog


class ServedLists:
    """The log of what was served, and what training rows are made of."""

    name = "served lists"

    def __init__(self, log: ServedLog) -> None:
        self._log = log

    async def forget(self, shoppers: Sequence[bytes], now: float) -> int:
        return await self._log.forget(shoppers, now)

    async def close(self) -> None:
        await self._log.close()


def forgetting_places(settings: SidecarSettings) -> list[Forgets]:
    """Each place, opened. Raises ServedLogUnavailable, ClusterError."""
    if settings.served.kind == "memory":
        return []
    return [ServedLists(open_served_log(settings.served, settings.state_folder))]
