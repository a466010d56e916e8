"""`reshelf demo`: the whole product in two minutes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from opensearchpy import OpenSearch
    from rich.console import Console

INDEX = "demo-shop"
SHOWN = 8
TRIES = 20
# Where nobody watches, the table is not cut to the usual 80 columns.
WIDTH = 140


def register(app: typer.Typer) -> None:
    """Add the command to `reshelf`."""
    app.command("demo")(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop the stack at the end.")] = False,
    queries: Annotated[
        list[str] | None, typer.Option("--query", help="Search for this instead. Repeatable.")
    ] = None,
) -> None:
    """Start the real stack, load a shop of our own, and search it before and after.

    Example: `reshelf demo --once`
    """
    from rich.console import Console

    from sidecar.cli.opensearch_target import told_problems
    from sidecar.cli.stack_output import Parts, told_errors
    from sidecar.stack.endpoints import endpoints
    from sidecar.stack.paths import stack_folder
    from sidecar.stack.start import StackWanted, parts_of, start_stack
    from sidecar.stack.stop import stop_stack

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    with told_errors(), told_problems():
        folder = stack_folder()
        console.rule("1. The real stack: OpenSearch with the plugin, Triton with the model, the sidecar")
        with Parts(parts_of("triton"), task="stack up triton") as parts:
            state = start_stack(StackWanted(folder), parts)
        try:
            console.rule("2. A shop of invented products, in an index whose default pipeline is ours")
            client = _plain_client(endpoints(state)["opensearch"])
            labels = _load_shop(client, console)
            console.rule("3. Searches of a plain client, without and with the pipeline")
            for query in queries or _telling_queries(labels):
                _before_and_after(client, console, query, labels.get(query, {}))
            console.rule("4. The same words, searched by two shoppers with different tastes")
            _two_shoppers(client, console, endpoints(state)["sidecar"]["http"], queries or labels)
            console.rule("5. Layout rules: published, seen by the next search, taken back")
            _laid_out(client, console, endpoints(state), queries or labels)
            console.rule("6. The same search while the sidecar is stopped")
            _without_sidecar(client, console, state.services["sidecar"], queries or _telling_queries(labels))
        finally:
            state.save()  # the sidecar may be another process now
            if once:
                stop_stack(folder)
        if once:
            console.print("Stopped. `make demo` leaves it running.")
        else:
            _what_next(console, endpoints(state))


def _plain_client(url: str) -> "OpenSearch":
    """The client that every shop has; nothing of ours in it."""
    from opensearchpy import OpenSearch

    return OpenSearch(url, timeout=30)


def _load_shop(client: "OpenSearch", console: "Console") -> dict[str, dict[str, str]]:
    """Fill the index; the judgments by query."""
    from sidecar.cli.pipeline import configured_pipeline
    from sidecar.cli.shop import sample_shop
    from sidecar.cli.steps.vocabulary_build import build_default_vocabulary
    from sidecar.cli.work_progress import work_progress
    from sidecar.evaluation.judgments import load_judgments
    from sidecar.opensearch.loading import load_products
    from sidecar.opensearch.pipeline_file import PIPELINE
    from sidecar.opensearch.product_files import open_products
    from sidecar.opensearch.search_pipeline import apply_pipeline

    shop = sample_shop()
    rows = open_products(shop.products, ())
    apply_pipeline(client, configured_pipeline(None, None))
    with work_progress("Loading the shop", rows.total) as tick:
        report = load_products(
            client,
            rows,
            INDEX,
            replace=True,
            pipeline=PIPELINE,
            on_row=lambda number: tick(rows.done, f"{number:,} rows"),
        )
    console.print(f"{report.loaded:,} products in the index `{INDEX}`")
    build_default_vocabulary(client, INDEX)
    return {judged.text: dict(judged.labels) for judged in load_judgments(shop.judgments)}


def _telling_queries(labels: dict[str, dict[str, str]]) -> list[str]:
    """Three queries of the shop, by their place in its judgments: a synonym, an attribute, a use."""
    known = list(labels)
    return [known[int(len(known) * place)] for place in (1 / 7, 4 / 9, 4 / 5)]


def _body(query: str, **more: Any) -> dict[str, Any]:
    from sidecar.opensearch.query import bm25_query

    return {"query": bm25_query(query), "size": SHOWN, **more}


def _before_and_after(client: "OpenSearch", console: "Console", query: str, labels: dict[str, str]) -> None:
    """One query, both orders side by side, with the time each part took."""
    import time

    from rich.table import Table

    # Told apart from the steady state: the first search of all has its documents' vectors still to make.
    begin = time.perf_counter()
    client.search(index=INDEX, body=_body(query))
    first_ms = (time.perf_counter() - begin) * 1000
    told: dict[str, Any] = {}
    for _ in range(TRIES):
        told = client.search(index=INDEX, body=_body(query, ext={"reshelf": {"explain": True}}))["ext"][
            "reshelf"
        ]
        if told["reranked"] and not told.get("skipped"):
            break
    before, before_ms = _timed(client, _body(query), {"search_pipeline": "_none"})
    after, after_ms = _timed(client, _body(query), {})
    ranks = {hit["_id"]: place for place, hit in enumerate(_window(client, query), 1)}
    table = Table(title=f"“{query}”", title_justify="left", expand=False)
    table.add_column("", justify="right", min_width=2)
    table.add_column(f"before: BM25, {before_ms:.0f} ms", max_width=58, no_wrap=True)
    table.add_column(f"after: reranked, {after_ms:.0f} ms", max_width=58, no_wrap=True)
    table.add_column("was", justify="right", min_width=3)
    for place, (old, new) in enumerate(zip(before, after, strict=True), 1):
        was = ranks.get(new["_id"], 0)
        move = "=" if was == place else f"{was}"
        table.add_row(str(place), _title(old, labels), _title(new, labels), move)
    console.print(table)
    stages = ", ".join(f"{stage['name']} {stage['took_ms']:.1f} ms" for stage in told.get("stages", []))
    console.print(
        f"  sidecar call {told.get('took_ms', 0):.1f} ms ({stages}); the very first search, caches cold: "
        f"{first_ms:.0f} ms. Green: an exact match by the shop’s judgments, yellow: a substitute.\n"
    )


def _two_shoppers(client: "OpenSearch", console: "Console", sidecar: str, queries: Iterable[str]) -> None:
    from sidecar.cli.steps.event_sending import EventSender
    from sidecar.cli.steps.two_shoppers import TwoShoppers

    sender = EventSender(sidecar)
    try:
        TwoShoppers(client, INDEX, _body, sender, console).show(queries, SHOWN)
    finally:
        sender.close()


def _laid_out(
    client: "OpenSearch", console: "Console", found: dict[str, Any], queries: Iterable[str]
) -> None:
    from sidecar.cli.steps.rules_shown import RulesShown
    from sidecar.config.rules import RulesOpenSearch
    from sidecar.opensearch.rule_releases import OpenSearchReleases

    store = OpenSearchReleases(RulesOpenSearch(url=found["opensearch"]))
    try:
        RulesShown(client, INDEX, _body, store, found["sidecar"]["http"], console).show(
            next(iter(queries)), SHOWN
        )
    finally:
        store.close()


def _window(client: "OpenSearch", query: str) -> list[dict[str, Any]]:
    body = {**_body(query), "size": 100, "_source": False}
    return list(client.search(index=INDEX, body=body, params={"search_pipeline": "_none"})["hits"]["hits"])


def _timed(
    client: "OpenSearch", body: dict[str, Any], params: dict[str, str]
) -> tuple[list[dict[str, Any]], float]:
    """The hits and the median milliseconds of five such searches."""
    import time
    from statistics import median

    taken = []
    for _ in range(5):
        begin = time.perf_counter()
        answer = client.search(index=INDEX, body=body, params=params)
        taken.append((time.perf_counter() - begin) * 1000)
    return list(answer["hits"]["hits"]), median(taken)


def _title(hit: dict[str, Any], labels: dict[str, str]) -> str:
    from rich.markup import escape

    colour = {"E": "green", "S": "yellow"}.get(labels.get(hit["_id"], ""), "default")
    return f"[{colour}]{escape(hit['_source']['title'])}[/]"


def _without_sidecar(client: "OpenSearch", console: "Console", sidecar: Any, queries: list[str]) -> None:
    """Stop the sidecar, search, start it again, search."""
    import time

    def asked() -> str:
        begin = time.perf_counter()
        answer = client.search(index=INDEX, body=_body(queries[0], ext={"reshelf": {}}))
        took = (time.perf_counter() - begin) * 1000
        told = answer["ext"]["reshelf"]
        how = "reranked" if told["reranked"] else f"OpenSearch’s own order ({told['reason']})"
        return f"{len(answer['hits']['hits'])} hits in {took:.0f} ms, {how}"

    sidecar.stop()
    for number in range(1, 4):
        console.print(f"  stopped, search {number}: {asked()}")
    sidecar.start()
    sidecar.wait_ready(120)
    for _ in range(100):
        answer = asked()
        if answer.endswith("reranked"):
            break
        time.sleep(0.2)
    console.print(f"  started again:     {answer}")


def _what_next(console: "Console", found: dict[str, Any]) -> None:
    console.rule("It is running. What to try next")
    console.print(f"""\
  curl '{found["opensearch"]}/{INDEX}/_search?pretty&q=title:lamp'
  curl {found["opensearch"]}/_plugins/_reshelf/stats?pretty     what the plugin counted
  {found["sidecar"]["http"]}/docs                               the same contract as JSON over HTTP
  .venv/bin/reshelf stack status | logs sidecar | stop sidecar | start sidecar
  .venv/bin/reshelf demo --query "your words"                   another search
  .venv/bin/reshelf rules lint | test | publish --why "…"       what merchandisers do (plugin_config/rules)
  .venv/bin/reshelf personalization status | off --why … | on   the switch for all shoppers
  .venv/bin/reshelf stack down                                  stop it all""", markup=False)  # fmt: skip
