"""What `reshelf personalization relate` does: from the served log to a file of kinships."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sidecar.cli.steps.personal_section import sidecars_section
from sidecar.cli.steps.served_flow import FOR_EVER, log_day, opened_log
from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.config.kinship import Kinship, load_kinship
from sidecar.domain.event import EventKind
from sidecar.served.log import ServedLog, ServedRow
from sidecar.taste.choices import ChoiceGatherer
from sidecar.taste.relate import relate

MOST_VALUES = 2000
TAKEN = frozenset({EventKind.CLICK, EventKind.ADD_TO_CART, EventKind.PURCHASE})
HEADER = """\
# Which values the same shoppers like. Written by `reshelf personalization relate` from what was clicked; a
# profile names it (`personalization.kinship`). By the key of (attribute, value); close vectors are liked by
# the same shoppers. No shopper is in it.
"""


@dataclass(frozen=True)
class Relating:
    """The command's options."""

    config: Path
    output: Path
    profile: str | None
    attributes: list[str]
    dimensions: int
    fewest: int
    clicks: int
    since: str | None


def relate_values(asked: Relating) -> dict[str, Any]:
    """Writes the file and tells what is in it. Raises ConfigurationError, ServedLogUnavailable, OSError."""
    settings, log = opened_log(asked.config)
    personal = sidecars_section(settings, asked.profile)
    if personal is None:
        name = asked.profile or settings.profiles.default
        raise ConfigurationError(f"--profile {name}: it has no section `personalization`. Add it first.")
    unknown = [name for name in asked.attributes if name not in personal.attributes]
    if unknown:
        raise ConfigurationError(
            f"--attribute {unknown[0]}: the profile learns of {', '.join(personal.attributes) or 'none'}."
        )
    gatherer = ChoiceGatherer(personal, asked.attributes)
    begin = log_day(asked.since, "--since", 0.0)
    asyncio.run(_gather(log, begin, gatherer, asked.clicks))
    choices = gatherer.choices(asked.fewest, MOST_VALUES)
    try:
        with work_progress("Relating", 1.0) as tick:
            found = relate(choices, asked.dimensions, tick)
    except ValueError:
        raise ConfigurationError(
            f"{gatherer.clicks} clicks: no value was clicked by {asked.fewest} shoppers. "
            "Wait for more, or lower --fewest."
        ) from None
    write_kinship(asked.output, found, f"{', '.join(asked.attributes)}, of what was clicked.")
    return {
        "output": str(asked.output),
        "shoppers": found.shoppers,
        "clicks": found.clicks,
        "values": len(found.vectors),
        "dimensions": found.dimensions,
        "version": found.version,
    }


def write_kinship(path: Path, found: Kinship, description: str) -> None:
    """In one step: a sidecar that starts meanwhile never reads half a file. Raises OSError."""
    content = found.model_dump()
    vectors = content.pop("vectors")
    lines = [f"  {key}: {list(vector)}\n" for key, vector in sorted(vectors.items())]
    text = yaml.safe_dump({**content, "description": description}, sort_keys=False, allow_unicode=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}")
    scratch.write_text(HEADER + text + "vectors:\n" + "".join(lines), encoding="utf-8")
    scratch.replace(path)
    load_kinship(path)


async def _gather(log: ServedLog, begin: float, gatherer: ChoiceGatherer, most: int) -> None:
    try:
        total = await log.count(begin, FOR_EVER)
        with work_progress("Reading what was clicked", max(total, 1)) as tick:
            done = 0
            async for row in log.rows(begin, FOR_EVER):
                done += 1
                _add(row, gatherer)
                tick(done, f"{gatherer.clicks:,} clicks")
                if gatherer.clicks >= most:
                    break
    finally:
        await log.close()


def _add(row: ServedRow, gatherer: ChoiceGatherer) -> None:
    """Each shopper's clicks on the list; those that nobody may be remembered by are left out."""
    by_shopper: dict[bytes, set[int]] = {}
    for outcome in row.outcomes:
        shopper = outcome.user or outcome.client
        if shopper and outcome.kind in TAKEN:
            by_shopper.setdefault(shopper, set()).add(outcome.place)
    for shopper, places in by_shopper.items():
        gatherer.add(shopper, row.served, sorted(places))
