"""`reshelf rules`: layout rules, from the folder that they are written in to the sidecars that run them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl, cluster, told_problems
from sidecar.cli.pipeline import ProfilesFolder

if TYPE_CHECKING:
    from sidecar.ranking.understanding.vocabulary import Vocabulary

rules = typer.Typer(name="rules", help="Check, try, publish and follow layout rules.", no_args_is_help=True)

RulesFolder = Annotated[
    Path | None,
    typer.Option("--dir", metavar="DIR", help="Where rules are written. Default: plugin_config/rules."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one JSON object on stdout.")]


def register(app: typer.Typer) -> None:
    """Adds `reshelf rules`; other files add their commands to `rules`."""
    app.add_typer(rules)


def rules_folder(folder: Path | None) -> Path:
    """The folder that a command works on."""
    from sidecar.cli.pipeline import plugin_config

    return folder or plugin_config() / "rules"


@rules.command()
def lint(
    folder: RulesFolder = None,
    index: Annotated[
        str | None, typer.Option(help="Also look into this index: fields, filters, products, names.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Only this ranking profile sends fields. Default: all of them do.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings as well.")] = False,
    opensearch: OpenSearchUrl = None,
    profiles: ProfilesFolder = None,
    as_json: AsJson = False,
) -> None:
    """Check rules before they go live: each problem with file, line, reason and fix.

    Example: `reshelf rules lint --index shop`

    Exit code 1 if there is an error. Warnings (a rule that ends soon, a name that no query is understood
    to mention) do not keep rules from being published.
    """
    from sidecar.cli.steps.rules_store import told_rules_problems

    with told_problems(), told_rules_problems(as_json):
        from sidecar.cli.pipeline import configured_profiles
        from sidecar.cli.steps import rules_lint
        from sidecar.config.profile import named_profile

        known = configured_profiles(profiles)
        found, problems = rules_lint.linted(
            rules_folder(folder),
            [named_profile(known, profile)] if profile else list(known.values()),
            cluster(opensearch) if index else None,
            index,
            _vocabulary(index) if index else None,
        )
        if as_json:
            typer.echo(json.dumps(rules_lint.as_json(found, problems), ensure_ascii=False))
        else:
            rules_lint.tell(found, problems)
    if any(problem.severity == "error" or strict for problem in problems):
        raise typer.Exit(1)


@rules.command()
def schema() -> None:
    """Print the JSON schema of a file of rules, for editors that complete while one writes.

    Example: `reshelf rules schema > plugin_config/rules/schema.json`
    """
    from sidecar.rules.schema import schema_text

    typer.echo(schema_text(), nl=False)


def _vocabulary(index: str) -> "Vocabulary | None":
    """The index's current vocabulary; None where none was built."""
    from sidecar.cli.vocabulary import vocabularies
    from sidecar.ranking.understanding.vocabulary_folder import (
        VocabularyError,
        current_version,
        indices,
        read_vocabulary,
    )

    folder = vocabularies(None)
    if index not in indices(folder):
        return None
    try:
        return read_vocabulary(folder / index / current_version(folder / index))
    except VocabularyError:
        return None
