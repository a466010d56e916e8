"""`reshelf rules preview`: what a draft would change, seen on real searches."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl, cluster
from sidecar.cli.query_options import MostFrequent, QueryFile, QueryWords
from sidecar.cli.rules import AsJson, RulesFolder, rules, rules_folder
from sidecar.cli.rules_history import Config
from sidecar.cli.serve import DEFAULT_FILE


@rules.command()
def preview(
    words: QueryWords = None,
    queries: QueryFile = None,
    top: MostFrequent = 50,
    index: Annotated[str, typer.Option(help="The index to search.")] = "shop",
    size: Annotated[int, typer.Option(min=1, max=100, help="Hits of each list.")] = 20,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with both lists side by side.")
    ] = None,
    segment: Annotated[list[str] | None, typer.Option(help="A segment of the shopper. Repeatable.")] = None,
    locale: Annotated[str, typer.Option(help="Such as de-DE.")] = "",
    device: Annotated[str, typer.Option(help="As clients tell it.")] = "",
    channel: Annotated[str, typer.Option(help="As clients tell it.")] = "",
    crawler: Annotated[bool, typer.Option("--crawler", help="As a crawler sees it.")] = False,
    sponsored: Annotated[bool, typer.Option("--sponsored", help="As a client that shows ads.")] = False,
    time: Annotated[
        datetime | None,
        typer.Option(help="As at another time, UTC: for rules that begin or end."),
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter", metavar="FIELD=VALUE", help="What the searches are restricted to. Repeatable."
        ),
    ] = None,
    profile: Annotated[str | None, typer.Option(help="The ranking profile. Default: the sidecar's.")] = None,
    model: Annotated[
        bool, typer.Option("--model/--no-model", help="Rank as the settings say, or in OpenSearch's order.")
    ] = True,
    folder: RulesFolder = None,
    opensearch: OpenSearchUrl = None,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Search with the folder's rules and with the live ones, after the same relevance, and show what moves.

    Example: `reshelf rules preview "running shoes" boots --index shop --html preview.html`

    Example: `reshelf rules preview --queries ubi_queries.ndjson --top 100 --segment vip --time 2027-12-01`

    Example: `reshelf rules preview "" --filter category=Shoes --index shop`

    Without queries and without a file of them: the most frequent ones of UBI's index. Nothing is published,
    and nobody's taste is in it.
    """
    from datetime import UTC

    from sidecar.cli.steps.filters_said import filters_said
    from sidecar.cli.steps.output_files import check_output_folder
    from sidecar.cli.steps.rules_preview_flow import PreviewAsked, preview_rules
    from sidecar.cli.steps.rules_preview_told import show_preview
    from sidecar.cli.steps.rules_store import told_rules_problems
    from sidecar.evaluation.preview.html_page import html_page
    from sidecar.evaluation.preview.run import Who

    who = Who(
        segments=tuple(segment or ()),
        locale=locale,
        device=device,
        channel=channel,
        crawler=crawler,
        sponsored=sponsored,
        time=time.replace(tzinfo=UTC) if time else None,
        filters=filters_said(filters or []),
    )
    asked = PreviewAsked(
        config, rules_folder(folder), index, words or [], queries, top, size, profile, model, who
    )
    with told_rules_problems(as_json):
        check_output_folder("--html", html)
        made = preview_rules(cluster(opensearch), asked)
        if html is not None:
            # A document may hold half a pair of surrogates, which no file can.
            html.write_text(html_page(made), encoding="utf-8", errors="replace")
    if as_json:
        typer.echo(json.dumps(made.to_json()))
        return
    show_preview(made)
    if html is not None:
        typer.echo(f"written: {html}")
