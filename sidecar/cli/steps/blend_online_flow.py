"""What the commands about the online blend do."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sidecar.cli.steps.shopper_records import open_records
from sidecar.config.errors import ConfigurationError
from sidecar.feedback.blend_snapshots import BlendSnapshots, NoSuchSnapshot, read_blend
from sidecar.feedback.ftrl import Rate, weights


def blend_status(config: Path) -> dict[str, Any]:
    """Weights, proof and snapshots as plain values. Raises ConfigurationError, StoreUnavailable."""

    async def read() -> dict[str, Any]:
        async with open_records(config) as records:
            settings = records.settings.online_blend
            snapshots = await BlendSnapshots(records.store, settings.snapshots).all()
            names = [one.name for one in snapshots]
            state = await read_blend(records.store)
            if state is None:
                return {"learned": False, "snapshots": names}
            rate = Rate(settings.alpha, settings.beta, settings.l1, settings.l2)
            learned = weights(state.z, state.n, rate).tolist()
            proof = state.proof
            return {
                "learned": True,
                "proven": proof.proven,
                "counts": proof.proven and settings.counts == "proven",
                "pages": proof.pages,
                "drifts": proof.drifts,
                "examined_hits": round(proof.slow.hits, 1),
                "gain_per_hit": round(proof.slow.per_hit, 6),
                "gain_standard_errors": round(proof.slow.sureness, 2),
                "recent_gain_per_hit": round(proof.quick.per_hit, 6),
                "log_loss": round(proof.slow.loss / proof.slow.hits, 6) if proof.slow.hits else None,
                "weights": dict(zip(state.names, (round(one, 5) for one in learned), strict=True)),
                "snapshots": names,
            }

    return asyncio.run(read())


def take_snapshot(config: Path) -> str:
    """The new copy's name. Raises ConfigurationError, StoreUnavailable."""

    async def take() -> str:
        async with open_records(config) as records:
            taken = await BlendSnapshots(records.store, records.settings.online_blend.snapshots).take()
        if taken is None:
            raise ConfigurationError("nothing was learned yet: there is nothing to keep a copy of")
        return taken.name

    return asyncio.run(take())


def restore_snapshot(config: Path, name: str) -> None:
    """Raises ConfigurationError, StoreUnavailable."""

    async def restore() -> None:
        async with open_records(config) as records:
            snapshots = BlendSnapshots(records.store, records.settings.online_blend.snapshots)
            try:
                await snapshots.restore(name)
            except NoSuchSnapshot as error:
                raise ConfigurationError(str(error)) from None

    asyncio.run(restore())


def show_status(told: dict[str, Any]) -> None:
    """Prints it for people."""
    console = Console(highlight=False)
    if not told["learned"]:
        console.print("Nothing was learned yet: weights come with the first pages that shoppers left.")
        return
    verdict = "counts" if told["counts"] else "proven, but does not count" if told["proven"] else "not proven"
    console.print(
        f"{verdict}: {told['gain_per_hit']:+.4f} nats an examined hit against relevance alone "
        f"({told['gain_standard_errors']:+.1f} standard errors, {told['examined_hits']:.0f} hits, "
        f"{told['pages']} pages; lately {told['recent_gain_per_hit']:+.4f}), "
        f"fell back {told['drifts']} times",
        markup=False,
    )
    table = Table("feature", "weight (logits)")
    for name, weight in sorted(told["weights"].items(), key=lambda one: -abs(one[1])):
        table.add_row(name, f"{weight:+.4f}")
    console.print(table)
    for name in told["snapshots"]:
        console.print(f"snapshot {name}  {datetime.fromtimestamp(int(name), UTC):%Y-%m-%d %H:%M} UTC")
