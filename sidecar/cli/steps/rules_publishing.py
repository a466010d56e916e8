"""What `reshelf rules publish` and `rollback` do: look, check, show, publish."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from sidecar.cli.steps.rules_difference_told import counted, show_difference
from sidecar.cli.steps.rules_golden_flow import (
    GoldenReport,
    PlainIndexes,
    run_golden_tests,
    show_golden,
)
from sidecar.cli.steps.rules_lint import linted
from sidecar.cli.steps.rules_store import PublishedRules, opened_releases, rules_in
from sidecar.cli.steps.shopper_records import note, os_user
from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import load_profiles
from sidecar.opensearch.connection import connect
from sidecar.profiles.audit import AuditTrail
from sidecar.rules.difference import RuleChange, difference
from sidecar.rules.problem import Problem
from sidecar.rules.pruning import first_kept
from sidecar.rules.release import Kept, Release, UnreadableRelease, checked_who, checked_why
from sidecar.rules.release_store import PublishConflict, ReleasesUnavailable
from sidecar.rules.rule_set import RuleSet

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

OLDER_TRIED = 50


@dataclass
class Publishing:
    """How far a publish came. `live` is the version before it; `release` None: nothing was published."""

    live: Kept | None
    changes: Sequence[RuleChange]
    problems: Sequence[Problem] = ()
    tests: GoldenReport = field(default_factory=GoldenReport)
    release: Release | None = None
    dry_run: bool = False
    note: str = ""
    pruned: int = 0

    @property
    def is_stopped(self) -> bool:
        """Whether something speaks against publishing."""
        return any(one.severity == "error" for one in self.problems) or not self.tests.is_good

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        release = self.release
        return {
            "published": None
            if release is None
            else {
                "number": release.number,
                "name": release.name,
                "who": release.who,
                "why": release.why,
                "when": datetime.fromtimestamp(release.when, UTC).isoformat(timespec="milliseconds"),
                "seal": release.seal,
                "rolled_back_to": release.rolled_back_to,
            },
            "before": self.live.number if self.live else None,
            "changes": [change.to_json() for change in self.changes],
            "problems": [asdict(problem) for problem in self.problems],
            "tests": self.tests.to_json(),
            "dry_run": self.dry_run,
            "pruned": self.pruned,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Author:
    """Who publishes, and why."""

    who: str
    why: str

    @classmethod
    def checked(cls, who: str | None, why: str) -> "Author":
        """As a version takes it. Raises ConfigurationError, InvalidRelease: then nothing is noted either."""
        if not why.strip():
            raise ConfigurationError('say why: --why "…". It stands in the history for whoever comes after.')
        return cls(checked_who(who or os_user()), checked_why(why))


def publish_rules(
    config: Path, folder: Path, *, who: str | None, why: str, index: str | None, dry_run: bool
) -> Publishing:
    """Checks the folder's rules and publishes them where nothing speaks against it.

    Raises RulesInvalid, ConfigurationError, InvalidRelease, ReleasesUnavailable, PublishConflict.
    """
    author = Author("", "") if dry_run else Author.checked(who, why)
    with opened_releases(config) as published:
        live = published.store.latest()
        profiles = load_profiles(published.settings.profiles.folder)
        default = published.settings.profiles.default
        client = _cluster(published)
        if index and client is None:
            raise ConfigurationError(
                f"--index {index}: with `rules.kind: folder` no cluster is known. Use `reshelf rules lint`."
            )
        draft, problems = linted(folder, list(profiles.values()), client, index)
        done = Publishing(live, (), problems, dry_run=dry_run)
        if done.is_stopped:
            return done
        done.changes = _changes(live, draft)
        indexes = PlainIndexes(client, profiles[default]) if client and default in profiles else None
        done.tests = run_golden_tests(folder, draft, profiles, default, indexes)
        if done.is_stopped or dry_run:
            return done
        if isinstance(live, Release) and live.rules == draft.to_json():
            done.note = f"Nothing differs from version {live.number}, which is live."
            return done
        done.release = _publish(published, draft.to_json(), live, f"rules publish {draft.digest}", author)
        _prune(published, done)
        return done


def roll_back(config: Path, number: int | None, *, who: str | None, why: str) -> Publishing:
    """Publishes the rules of an older version again: `number`, or the newest usable one before the live one.

    Raises ConfigurationError, InvalidRelease, ReleasesUnavailable, PublishConflict.
    """
    author = Author.checked(who, why)
    with opened_releases(config) as published:
        live = published.store.latest()
        if live is None:
            raise ConfigurationError("nothing was published yet: there is nothing to go back to.")
        old = published.release(number) if number is not None else _before(published, live)
        if old.number == live.number:
            raise ConfigurationError(f"version {old.number} is live already.")
        done = Publishing(live, _changes(live, rules_in(old)))
        command = f"rules rollback {old.number}"
        done.release = _publish(published, old.rules, live, command, author, old.number)
        _prune(published, done)
        return done


def show_publishing(done: Publishing) -> None:
    """Prints what was found, what changes, and what was published."""
    console = Console(highlight=False, soft_wrap=True)
    for problem in done.problems:
        style = "red" if problem.severity == "error" else "yellow"
        console.print(Text(f"{problem.severity}: {problem}", style=style))
    if done.tests.passed or not done.tests.is_good or done.tests.skipped:
        show_golden(done.tests, console)
    if isinstance(done.live, UnreadableRelease):
        console.print(Text(f"version {done.live.number} cannot be compared: {done.live.why}", style="yellow"))
    show_difference(done.changes, console)
    if done.is_stopped:
        console.print(Text("Nothing was published: mend the errors first.", style="red"))
    elif done.dry_run:
        console.print(f"Would publish: {counted(done.changes)}.", markup=False)
    elif done.release is not None:
        release = done.release
        again = f", the rules of version {release.rolled_back_to} again" if release.rolled_back_to else ""
        console.print(
            Text(f"Version {release.name} is published{again}: {counted(done.changes)}.", style="green")
        )
        if not release.rolled_back_to:
            console.print('Back: reshelf rules rollback --why "…"', markup=False, style="dim")
    if done.pruned:
        console.print(f"Pruned {done.pruned:,} of the oldest versions (`rules.keep`).", markup=False)
    if done.note:
        console.print(done.note, markup=False)


def _publish(
    published: PublishedRules,
    rules: str,
    live: Kept | None,
    command: str,
    author: Author,
    rolled_back_to: int | None = None,
) -> Release:
    """Noted in the audit trail first, as with everything that changes what shoppers see; once more where
    nothing came of it, or where that is not known."""
    trail = AuditTrail(published.settings.state_folder)
    note(trail, command, (), who=author.who, why=author.why)
    try:
        return published.store.publish(
            rules,
            who=author.who,
            why=author.why,
            expected=live.number if live else 0,
            rolled_back_to=rolled_back_to,
        )
    except (PublishConflict, ReleasesUnavailable) as error:
        outcome = "not published" if isinstance(error, PublishConflict) else "perhaps not published"
        # The conflict is what its publisher must hear of, also where the trail cannot be written any more.
        with suppress(ConfigurationError):
            note(trail, f"{command}: {outcome}", (), who=author.who, why=author.why)
        raise


def _prune(published: PublishedRules, done: Publishing) -> None:
    """Removes versions beyond `rules.keep`. What was published is live, whatever comes of this."""
    if done.release is None:
        return
    try:
        done.pruned = published.store.prune(first_kept(done.release, published.settings.rules.keep))
    except ReleasesUnavailable as error:
        done.note = f"Older versions were not pruned: {error}"


def _before(published: PublishedRules, live: Kept) -> Release:
    """What was live before, also when the live one is itself a roll back."""
    content = live.rules if isinstance(live, Release) else None
    below = live.number
    if isinstance(live, Release) and live.rolled_back_to:
        below = live.rolled_back_to
    for number in range(below - 1, max(0, below - 1 - OLDER_TRIED), -1):
        found = published.store.get(number)
        if isinstance(found, Release) and found.rules != content:
            return found
    raise ConfigurationError(
        f"there is no version before {live.number} that could be used. To take all rules away, publish an "
        "empty folder."
    )


def _changes(live: Kept | None, draft: RuleSet) -> list[RuleChange]:
    """Against what is live; against nothing where that cannot be read, as publishing is how to mend it."""
    try:
        before = rules_in(live)
    except ConfigurationError:
        before = RuleSet()
    return difference(before, draft)


def _cluster(published: PublishedRules) -> "OpenSearch | None":
    """Where rules are published in OpenSearch, its indices are looked into as well."""
    rules = published.settings.rules
    return connect(rules.opensearch.url) if rules.kind == "opensearch" else None
