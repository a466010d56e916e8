"""Opens what commands about layout rules work on: the folder that they are written in, the published ones."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from sidecar.cli.steps.error_told import tell_error
from sidecar.cli.steps.local_stack_settings import sidecar_settings
from sidecar.config.errors import ConfigurationError
from sidecar.config.sidecar import SidecarSettings
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.rules_opening import open_releases
from sidecar.rules.problem import RulesInvalid
from sidecar.rules.release import InvalidRelease, Kept, Release, UnreadableRelease
from sidecar.rules.release_store import PublishConflict, ReleaseStore, ReleasesUnavailable
from sidecar.rules.rule_set import RuleSet, UnreadableRules


@dataclass(frozen=True)
class PublishedRules:
    """The store that a sidecar follows."""

    settings: SidecarSettings
    store: ReleaseStore

    def release(self, number: int) -> Release:
        """A version that can be used. Raises ConfigurationError for none."""
        found = self.store.get(number)
        if found is None:
            kept = self.store.history(self.settings.rules.keep)
            known = (
                f"There are {kept[-1].number} to {kept[0].number}." if kept else "Nothing was published yet."
            )
            raise ConfigurationError(f"there is no version {number}. {known}")
        return usable(found)


@contextmanager
def opened_releases(config: Path) -> Iterator[PublishedRules]:
    """The published rules of the sidecar with these settings. Raises ConfigurationError, ClusterError."""
    settings = sidecar_settings(config)
    store = open_releases(settings.rules, settings.state_folder)
    if store is None:
        raise ConfigurationError(
            f"{config}: `rules.kind: none` publishes nowhere. Set it to `opensearch` or `folder`."
        )
    try:
        yield PublishedRules(settings, store)
    finally:
        store.close()


def usable(kept: Kept) -> Release:
    """Raises ConfigurationError for a version that cannot be used."""
    if isinstance(kept, UnreadableRelease):
        raise ConfigurationError(
            f"version {kept.number} cannot be used: {kept.why}. Look with `reshelf rules history`."
        )
    return kept


def rules_in(kept: Kept | None) -> RuleSet:
    """The rules of a version; none before the first. Raises ConfigurationError."""
    if kept is None:
        return RuleSet()
    release = usable(kept)
    try:
        return RuleSet.from_json(release.rules)
    except UnreadableRules as error:
        raise ConfigurationError(f"version {release.number} cannot be used: {error}") from error


@contextmanager
def told_rules_problems(as_json: bool = False) -> Iterator[None]:
    """Turns what can go wrong with rules and their store into a message on stderr and exit code 1;
    `as_json`: into one object on stdout as well, with `problems` or an `error`."""
    try:
        yield
    except RulesInvalid as error:
        if as_json:
            typer.echo(json.dumps({"problems": [asdict(problem) for problem in error.problems]}))
        for problem in error.problems:
            typer.echo(f"{problem.severity}: {problem}", err=True)
        raise typer.Exit(1) from error
    except (
        ConfigurationError,
        ClusterError,
        ReleasesUnavailable,
        PublishConflict,
        InvalidRelease,
        OSError,
    ) as error:
        tell_error(error, as_json)
        raise typer.Exit(1) from error
