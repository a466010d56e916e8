"""Replays a log of events, and tells what came of it."""

import asyncio
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from sidecar.cli.work_progress import work_progress
from sidecar.config.personalization import Personalization
from sidecar.domain.candidate import FieldValues
from sidecar.simulation.ubi_replay import ReplayReport, load_replay, replay


def run_replay(
    file: Path, products: Path | None, first_position: int, settings: Personalization
) -> ReplayReport:
    """The report of a log, learned from by `settings`. Raises OSError."""
    log = load_replay(file, first_position=first_position)
    known = _products(products, {one for ids in log.lists.values() for one in ids}) if products else {}
    with work_progress("Replaying", max(len(log.events), 1)) as tick:
        return asyncio.run(replay(log, known, settings, tick))


def show_replay(report: ReplayReport) -> None:
    """Prints it for people."""
    console = Console(highlight=False)

    def line(text: str) -> None:
        console.print(text, markup=False)

    line(f"{report.events} events, {sum(report.refused.values())} refused, {report.repeated} repeated.")
    for reason, count in sorted(report.refused.items(), key=lambda one: -one[1])[:5]:
        line(f"  refused {count}: {reason}")
    shown = f"{report.hits} hits, {report.hits_with_traits} with traits"
    line(f"{report.lists} lists made of impressions, {shown}.")
    line(f"Attributed: {_told(report.attributed)}.")
    line(f"Profiles: {report.shoppers_learned} of {report.shoppers} shoppers; {_told(report.effects)}.")
    line(
        f"Taste against none, foretold before learning: {report.taste_nats_per_click:+.4f} nats a click "
        f"({report.clicks_foretold} clicks), {report.taste_nats_per_skip:+.4f} a hit passed over "
        f"({report.skips})."
    )
    line(
        f"Log loss of relevance alone: {report.log_loss_relevance:.4f} nats an examined hit; the blend "
        f"{report.blend_nats_per_hit:+.4f} ({report.blend_standard_errors:+.1f} standard errors, "
        f"{report.pages} pages)."
    )
    if report.clicks_foretold < 1000:
        line("Few clicks: this shows that the path works on real events, and nothing about what it gains.")


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda one: -one[1]))


def _products(file: Path, wanted: set[str]) -> dict[str, dict[str, FieldValues]]:
    """The fields of the products that the log shows, as the plugin would send them."""
    found: dict[str, dict[str, FieldValues]] = {}
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as lines:
        for text in lines:
            row = json.loads(text)
            identity = str(row.get("product_id") or row.get("id") or "")
            if identity in wanted:
                found[identity] = {name: values for name, value in row.items() if (values := _values(value))}
    return found


def _values(value: Any) -> FieldValues:
    """A field's values; () where there is none, or an object."""
    if isinstance(value, list):
        is_vector = all(type(one) in (float, int) for one in value)
        return [float(one) for one in value] if is_vector else [str(one) for one in value]
    if isinstance(value, str):
        return [value] if value else ()
    return [float(value)] if isinstance(value, float | int) else ()
