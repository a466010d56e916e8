"""`reshelf rules test`: the golden tests beside the rules."""

import json
from typing import Annotated

import typer

from sidecar.cli.pipeline import ProfilesFolder
from sidecar.cli.rules import AsJson, RulesFolder, rules, rules_folder


@rules.command(name="test")
def test(
    folder: RulesFolder = None,
    profiles: ProfilesFolder = None,
    default_profile: Annotated[
        str, typer.Option("--profile", help="The ranking profile of searches that name none.")
    ] = "default",
    url: Annotated[
        str | None,
        typer.Option(
            "--opensearch",
            metavar="URL",
            help="The cluster whose indices tests with `index` search. Default: $RESHELF_OPENSEARCH; without "
            "either these tests are skipped. A password goes into $RESHELF_OPENSEARCH_USER and _PASSWORD.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the golden tests in `tests/` of the rules folder: searches, and what rules must make of them.

    Example: `reshelf rules test --dir plugin_config/rules`

    No server is needed; tests that take their hits from an index run where --opensearch or
    RESHELF_OPENSEARCH names a cluster.
    Ends with exit code 1 where a test fails, with file and line of each expectation that was not met.
    """
    from sidecar.cli.opensearch_target import named_cluster
    from sidecar.cli.pipeline import configured_profiles
    from sidecar.cli.steps.rules_golden_flow import (
        PlainIndexes,
        run_golden_tests,
        show_golden,
    )
    from sidecar.cli.steps.rules_store import told_rules_problems
    from sidecar.config.profile import named_profile
    from sidecar.rules.folder import read_folder

    with told_rules_problems(as_json):
        place = rules_folder(folder)
        known = configured_profiles(profiles)
        default = named_profile(known, default_profile)
        client = named_cluster(url)
        indexes = PlainIndexes(client, default) if client is not None else None
        report = run_golden_tests(place, read_folder(place), known, default_profile, indexes)
    if as_json:
        typer.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        show_golden(report)
    if not report.is_good:
        raise typer.Exit(1)
