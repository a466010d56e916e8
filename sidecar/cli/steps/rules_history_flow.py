"""What `reshelf rules history` and `diff` do."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sidecar.cli.steps.rules_store import PublishedRules, opened_releases, rules_in
from sidecar.config.errors import ConfigurationError
from sidecar.profiles.audit import AuditTrail
from sidecar.rules.difference import RuleChange, difference
from sidecar.rules.folder import read_folder
from sidecar.rules.release import Kept, Release
from sidecar.rules.release_chain import broken_links
from sidecar.rules.rule_set import RuleSet

LIVE, FOLDER = "live", "folder"
WRITES = re.compile("rules (publish|rollback) ")
"""How the audit trail names what makes versions."""


def read_history(config: Path, limit: int) -> dict[str, Any]:
    """The newest `versions` as plain values, newest first; `begins_with` is the oldest version that was not
    pruned, where it is among them; `note` says what the audit trail knows more. Raises ConfigurationError,
    ReleasesUnavailable."""
    with opened_releases(config) as published:
        # One more, which the oldest of those shown is compared with.
        found = published.store.history(limit + 1)
        note = "" if found else _lost(AuditTrail(published.settings.state_folder))
    broken = broken_links(found)
    return {
        "versions": [_told(release, broken.get(release.number, "")) for release in found[:limit]],
        "begins_with": found[-1].number if 0 < len(found) <= limit else None,
        "note": note,
    }


def show_history(history: Mapping[str, Any]) -> None:
    """Prints the versions as a table, and what is wrong with them."""
    told = history["versions"]
    console = Console(highlight=False)
    if history["note"]:
        console.print(Text(history["note"], style="yellow"))
        return
    if not told:
        console.print("Nothing was published yet. `reshelf rules publish --why REASON` does.", markup=False)
        return
    table = Table("version", "when", "who", "why", "rules", "")
    for place, release in enumerate(told):
        state = Text("broken", style="red") if release["problem"] else Text("live" if place == 0 else "")
        if not release["problem"] and release["rolled_back_to"]:
            state = Text(f"{state.plain} as {release['rolled_back_to']}".strip())
        table.add_row(
            release["name"] or str(release["number"]),
            (release["when"] or "")[:19].replace("T", " "),
            Text(release["who"] or ""),
            Text(release["why"] or ""),
            "" if release["rules"] is None else str(release["rules"]),
            state,
        )
    console.print(table)
    for release in told:
        if release["problem"]:
            console.print(f"version {release['number']}: {release['problem']}", style="red", markup=False)
    begins_with = history["begins_with"] or 1
    if begins_with > 1:
        console.print(
            f"Versions before {begins_with} were pruned (`rules.keep`): the seals are followed from "
            f"{begins_with} on.",
            markup=False,
        )


def _lost(trail: AuditTrail) -> str:
    """What to say of a store without versions, where some were published from here."""
    try:
        noted = [entry for entry in trail.entries() if WRITES.match(entry.command)]
    except OSError:
        return ""
    failed = sum(entry.command.endswith("not published") for entry in noted)
    # Of one that failed there are two lines: before and after.
    count = len(noted) - 2 * failed
    if count < 1:
        return ""
    return (
        f"The store has no versions, but the audit trail ({trail.file}) knows of {count:,} published from "
        f"here, the last at {noted[-1].time}. Was the store deleted, or do the settings name another? "
        "Sidecars keep the rules they have; `reshelf rules publish --why REASON` begins anew."
    )


def compare(config: Path, folder: Path, before: str, after: str) -> list[RuleChange]:
    """What differs between two of: a version's number, `live`, `folder`. Raises RulesInvalid,
    ConfigurationError, ReleasesUnavailable."""
    with opened_releases(config) as published:
        return difference(_named(published, folder, before), _named(published, folder, after))


def _named(published: PublishedRules, folder: Path, name: str) -> RuleSet:
    if name == FOLDER:
        return read_folder(folder)
    if name == LIVE:
        return rules_in(published.store.latest())
    if name.isdecimal():
        return rules_in(published.release(int(name)))
    raise ConfigurationError(f"`{name}`: name a version by its number, or `{LIVE}`, or `{FOLDER}`.")


def _told(release: Kept, problem: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "number": release.number,
        **dict.fromkeys(("name", "digest", "who", "why", "when", "rules", "rolled_back_to")),
        "seal": release.seal,
        "problem": problem,
    }
    if isinstance(release, Release):
        told |= {
            "name": release.name,
            "digest": release.digest,
            "who": release.who,
            "why": release.why,
            "when": datetime.fromtimestamp(release.when, UTC).isoformat(timespec="milliseconds"),
            "rules": _count(release.rules),
            "rolled_back_to": release.rolled_back_to,
        }
    return told


def _count(rules: str) -> int | None:
    """How many rules a version has; None where this version of reshelf cannot tell."""
    try:
        return len(json.loads(rules)["rules"])
    except (ValueError, KeyError, TypeError):
        return None
