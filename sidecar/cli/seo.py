"""`reshelf seo`: what search engines find on pages of results."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl, cluster, told_problems
from sidecar.cli.pipeline import ProfilesFolder
from sidecar.cli.query_options import MostFrequent, QueryFile, QueryWords
from sidecar.seo.finding import Severity


class FailOn(StrEnum):
    """From which severity on the command fails."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


SEVERITY: dict[FailOn, Severity | None] = {
    FailOn.ERROR: "error",
    FailOn.WARNING: "warning",
    FailOn.NOTE: "note",
    FailOn.NEVER: None,
}


def register(app: typer.Typer) -> None:
    """Adds `reshelf seo`."""
    seo = typer.Typer(no_args_is_help=True, help="See pages of results as search engines do.")
    # A group, not one command: `reshelf seo audit` keeps its name when others come.
    seo.callback()(lambda: None)
    seo.command("audit")(audit)
    app.add_typer(seo, name="seo")


def audit(
    words: QueryWords = None,
    queries: QueryFile = None,
    top: MostFrequent = 100,
    index: Annotated[str, typer.Option(help="The index to search, by its default pipeline.")] = "shop",
    profile: Annotated[
        str, typer.Option(help="The ranking profile: it says which fields hold name, price, …")
    ] = "default",
    size: Annotated[int, typer.Option(min=1, max=100, help="Hits on a page.")] = 10,
    repeats: Annotated[
        int, typer.Option(min=0, max=20, help="How often the crawler comes again for the first page.")
    ] = 3,
    strangers: Annotated[
        int, typer.Option(min=0, max=20, help="How many anonymous shoppers ask for the first page.")
    ] = 3,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit with 2 if anything as severe is found.")
    ] = FailOn.ERROR,
    json_out: Annotated[
        str | None, typer.Option("--json", metavar="OUT", help="Write all findings as JSON; - is stdout.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with pictures of the distributions.")
    ] = None,
    opensearch: OpenSearchUrl = None,
    profiles: ProfilesFolder = None,
) -> None:
    """Fetch the first pages of queries as a crawler, and tell what search engines will not like.

    Looked for: an order that changes between fetches or differs for anonymous shoppers, hits on two pages or
    on none, empty and thin pages, equal and nearly equal titles, pages that are the same for several queries,
    one brand or category that fills a page, hits out of stock high up, what structured data lacks, and
    wrong hints of the pages before and after.

    Example: `reshelf seo audit --queries ubi_queries.ndjson --top 200 --html audit.html --fail-on warning`

    Example: `reshelf seo audit "running shoes" "red dress" --json -`

    Nothing is remembered of these searches. Exit codes: 0 well, 1 could not be done, 2 found what
    `--fail-on` names.
    """
    if not words and queries is None:
        raise typer.BadParameter("name queries, or a file of them with --queries FILE")
    with told_problems():
        from sidecar.cli.steps.seo_flow import AuditWish, run_audit

        failed = run_audit(
            cluster(opensearch),
            AuditWish(
                words=tuple(words or ()),
                queries=queries,
                top=top,
                index=index,
                profile=profile,
                size=size,
                repeats=repeats,
                strangers=strangers,
                fail_on=SEVERITY[fail_on],
                json_out=json_out,
                html=html,
                profiles=profiles,
            ),
        )
    if failed:
        raise typer.Exit(2)
