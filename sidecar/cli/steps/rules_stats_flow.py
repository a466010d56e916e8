"""What `reshelf rules stats` does."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sidecar.cli.steps.rules_store import rules_in
from sidecar.cli.steps.served_flow import FOR_EVER, log_day, opened_log
from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.config.sidecar import SidecarSettings
from sidecar.opensearch.rules_opening import open_releases
from sidecar.rules.language.conditions import When
from sidecar.rules.release import Release
from sidecar.rules.release_store import ReleasesUnavailable
from sidecar.served.log import ServedLog
from sidecar.served.rule_stats import RuleStats

DAY = 86_400.0
USUAL_DAYS = 30
COLUMNS = ("matched", "acted", "honoured", "not_honoured", "lost", "failed", "held_out")


def gather_stats(config: Path, since: str | None) -> dict[str, Any]:
    """Counts over the served log since a day (default: 30 days), and the live rules that never matched.

    Live rules for crawlers only are told apart: crawlers are not in the log, so nobody knows of those.

    Raises ConfigurationError, ServedLogUnavailable.
    """
    settings, log = opened_log(config)
    begin = log_day(since, "--since", time.time() - USUAL_DAYS * DAY)
    stats = asyncio.run(counted(log, begin))
    live, note = live_release(settings)
    told = stats.to_json()
    told |= {
        "since": datetime.fromtimestamp(begin, UTC).isoformat(timespec="seconds"),
        "sample": settings.served.sample,
        "live_version": live.name if live is not None else None,
        "dead": [],
        "for_crawlers_only": [],
        "note": note,
    }
    if live is not None:
        rules = [rule for rule in rules_in(live).rules if rule.enabled]
        for_crawlers = {rule.id for rule in rules if _for_crawlers_only(rule.when)}
        ids = {rule.id: live.when for rule in rules}
        told["dead"] = [rule for rule in stats.dead(ids) if rule not in for_crawlers]
        told["for_crawlers_only"] = sorted(for_crawlers)
        told["gone"] = sorted(set(stats.rules) - set(ids))
        if live.when > begin:
            told["note"] = f"Version {live.name} is live since {_moment(live.when)} only."
    return told


def _for_crawlers_only(when: When) -> bool:
    """Whether no search of a shopper can meet the condition."""
    return bool(when.crawler) or bool(when.any and all(_for_crawlers_only(one) for one in when.any))


async def counted(log: ServedLog, begin: float) -> RuleStats:
    """What rules did since a moment, in seconds since 1970; closes the log. Raises ServedLogUnavailable."""
    stats = RuleStats()
    try:
        total = await log.count(begin, FOR_EVER)
        with work_progress("Counting", max(total, 1)) as tick:
            async for row in log.rows(begin, FOR_EVER):
                stats.add(row)
                tick(stats.searches)
    finally:
        await log.close()
    return stats


def live_release(settings: SidecarSettings) -> tuple[Release | None, str]:
    """The live version, or why nothing can be said of it."""
    store = open_releases(settings.rules, settings.state_folder)
    if store is None:
        return None, "`rules.kind: none`: no rules are live, so none can be dead."
    try:
        found = store.latest()
        if isinstance(found, Release):
            rules_in(found)
            return found, ""
        return None, found.why if found is not None else "Nothing was published yet."
    except (ReleasesUnavailable, ConfigurationError) as error:
        return None, f"The live rules are not known: {error}"
    finally:
        store.close()


def show_stats(told: Mapping[str, Any]) -> None:
    """Prints a table of rules, one of page variants, and the dead rules."""
    console = Console(highlight=False, soft_wrap=False)
    sample = f", a sample of {told['sample']:.0%}" if told["sample"] < 1 else ""
    console.print(
        f"{told['searches']:,} searches since {told['since'][:10]}{sample}; "
        f"{told['searches_under_rules']:,} of them while rules were live.",
        markup=False,
    )
    if told["rules"]:
        console.print(_rules_table(told["rules"]))
    for rule, variants in told["page_variants"].items():
        console.print(_variants_table(rule, variants))
    if told["unreadable"]:
        console.print(f"{told['unreadable']} records could not be read.", style="yellow")
    if told["dead"]:
        console.print(Text(f"Never matched: {', '.join(told['dead'])}", style="yellow"))
    if told["for_crawlers_only"]:
        names = ", ".join(told["for_crawlers_only"])
        console.print(Text(f"For crawlers only, which the log does not know: {names}"))
    if told["note"]:
        console.print(told["note"], markup=False)


def _rules_table(rules: Mapping[str, Mapping[str, Any]]) -> Table:
    """What was never counted is left out, so that eleven figures fit into a terminal."""
    table = Table("rule", "searches in which it", "clicks/search", "held out", "effect")
    for name, counts in rules.items():
        held_out = counts.get("held_out_clicks")
        table.add_row(
            Text(name),
            ", ".join(
                f"{column.replace('_', ' ')} {counts[column]:,}" for column in COLUMNS if counts[column]
            ),
            _rate(counts["in_force"]),
            _rate(held_out) if held_out else "",
            _effect(counts.get("effect")),
        )
    return table


def _variants_table(rule: str, variants: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table("variant", "searches", "clicks/search", "against", "effect", title=f"Page of rule {rule}")
    for name, counts in variants.items():
        table.add_row(
            Text(name),
            f"{counts['searches']:,}",
            _rate(counts),
            Text(counts.get("against", "")),
            _effect(counts.get("effect")),
        )
    return table


def _rate(counts: Mapping[str, Any]) -> str:
    rate = counts["clicks_per_search"]
    return "" if rate is None else f"{rate:.3f}"


def _effect(told: Mapping[str, Any] | None) -> Text:
    """The difference with its interval: colored where it is clear."""
    if told is None or told["difference"] is None:
        return Text("")
    if told["low"] is None:
        return Text(f"{told['difference']:+.3f} (too few)")
    style = ("green" if told["difference"] > 0 else "red") if told["clear"] else ""
    return Text(f"{told['difference']:+.3f} [{told['low']:+.3f}, {told['high']:+.3f}]", style=style)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(" ", "minutes")[:16]
