"""What `reshelf seo audit` does, step by step."""

import json
from dataclasses import dataclass
from pathlib import Path

import typer
from opensearchpy import OpenSearch
from rich.console import Console

from sidecar.cli.pipeline import configured_profile
from sidecar.cli.steps.output_files import check_output_folder
from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.index import check_index
from sidecar.seo.audit import Audit, audit, crawl_all
from sidecar.seo.crawl import Crawler, CrawlPlan
from sidecar.seo.finding import SEVERITIES, Severity
from sidecar.seo.html_page import html_page
from sidecar.seo.limits import Limits, Shop
from sidecar.seo.table import findings_table
from sidecar.seo.top_queries import top_queries


@dataclass(frozen=True)
class AuditWish:
    """The command's options; `fail_on` is None for never."""

    words: tuple[str, ...]
    queries: Path | None
    top: int
    index: str
    profile: str
    size: int
    repeats: int
    strangers: int
    fail_on: Severity | None
    json_out: str | None
    html: Path | None
    profiles: Path | None


def run_audit(client: OpenSearch, asked: AuditWish) -> bool:
    """Crawls, checks, tells; whether the command fails. Raises ConfigurationError, ClusterError."""
    check_output_folder("--json", asked.json_out)
    check_output_folder("--html", asked.html)
    shop = Shop.of(configured_profile(asked.profile, asked.profiles))
    queries = list(asked.words)
    if asked.queries is not None:
        queries += top_queries(asked.queries, asked.top)
    queries = list(dict.fromkeys(query for query in queries if query.strip()))
    if not queries:
        raise ConfigurationError("no query has any words.")
    check_index(client, asked.index, None, otherwise="Name the shop's own with --index.")
    plan = CrawlPlan(asked.size, repeats=asked.repeats, strangers=asked.strangers, fields=shop.fields())
    with work_progress("Crawling", len(queries)) as tick:
        crawled = crawl_all(Crawler(client, asked.index, plan), queries, tick)
    found = audit(asked.index, crawled, shop, Limits())
    _tell(found, asked)
    return asked.fail_on is not None and found.fails(asked.fail_on)


def _tell(found: Audit, asked: AuditWish) -> None:
    try:
        if asked.html is not None:
            asked.html.write_text(html_page(found), encoding="utf-8")
        text = json.dumps(found.to_json(), ensure_ascii=False, indent=1)
        if asked.json_out == "-":
            # With the JSON on stdout, everything else goes to stderr.
            typer.echo(text)
        elif asked.json_out is not None:
            Path(asked.json_out).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"the report cannot be written: {error}.") from error
    on_stderr = asked.json_out == "-"
    console = Console(stderr=on_stderr, width=160 if not Console(stderr=on_stderr).is_terminal else None)
    console.print(findings_table(found))
    counts = ", ".join(f"{found.count(severity)} {severity}s" for severity in SEVERITIES)
    console.print(counts + (f". Page: {asked.html}" if asked.html else ""), highlight=False)
