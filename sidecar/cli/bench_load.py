"""`reshelf bench-load`: searches under load, with caches and without, and with something going wrong."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

SHOP_PRODUCTS = 8000
ARMS = ("off", "cold", "warm")


def register(app: typer.Typer) -> None:
    """Add the command to `reshelf`."""
    app.command("bench-load")(bench_load)


def bench_load(
    products: Annotated[
        Path | None, typer.Option(help="Products to search. Default: the shop of our own.")
    ] = None,
    profile: Annotated[str, typer.Option(help="The ranking profile of all searches.")] = "default",
    window: Annotated[int, typer.Option(min=1, max=1000, help="Hits of a search k.")] = 100,
    deadline: Annotated[int, typer.Option(min=1, help="Milliseconds that a search may take.")] = 200,
    zipf: Annotated[str, typer.Option(help="Exponents of Zipf's law, joined by commas.")] = "1.0,1.2",
    queries: Annotated[int, typer.Option(min=10, help="Different queries.")] = 10_000,
    warm: Annotated[
        int, typer.Option(min=0, help="Searches of earlier traffic that the warm caches have seen.")
    ] = 10_000,
    arms: Annotated[str, typer.Option(help="Caches: off, cold, warm, joined by commas.")] = "off,cold,warm",
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.1, help="Searches a second of the first step, and of the runs that have only one."
        ),
    ] = None,
    step_seconds: Annotated[float, typer.Option(min=1, help="How long a rate is offered.")] = 10,
    at: Annotated[
        list[str] | None,
        typer.Option(help="A second and a command to run then, with warm caches; may be repeated."),
    ] = None,
    kill_model_at: Annotated[
        float | None, typer.Option(min=0, help="The second at which the model's process is killed.")
    ] = None,
    roll_out_at: Annotated[
        float | None, typer.Option(min=0, help="The second at which another model is deployed and promoted.")
    ] = None,
    event_seconds: Annotated[float, typer.Option(min=5, help="Length of the run with events.")] = 40,
    stack: Annotated[
        str | None,
        typer.Option(help="Search this running local stack as it is, in place of servers of our own."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="A setting of the sidecar, as in scorer.canary.interval_ms=1000; may be repeated."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=1, help="The same seed sends the same searches.")] = 1,
    output: Annotated[
        Path, typer.Option(help="Where the figures go as JSON; the plot lies beside it.")
    ] = Path("bench-results/load.json"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON on stdout too.")] = False,
) -> None:
    """Send searches to a sidecar and Triton in an open loop, and count those reranked in full and in time.

    Example: `reshelf bench-load --zipf 1.0 --deadline 200`

    Poisson arrivals of Zipf's queries, latency from the intended send. Goodput is searches a second reranked
    in full within the deadline; the rate goes up step by step until that is no longer kept up. The searches
    carry stored hits, so that no search engine takes the cores of the model. With `--at`, `--roll-out-at` or
    `--kill-model-at` one run with warm caches tells what a roll-out or a dead model costs.
    """
    from rich.console import Console

    from sidecar.benchmark.load.bed import running_bed
    from sidecar.benchmark.load.events import KILL, ROLL_OUT, ROLL_OUT_COMMAND, Event, parse_event
    from sidecar.benchmark.load.plots import draw_load
    from sidecar.benchmark.load.report import comparisons, show_load
    from sidecar.benchmark.load.run import COLD, OFF, WARM, Wanted, measure_load
    from sidecar.benchmark.load.searches import StoredSearches
    from sidecar.benchmark.model.run import machine
    from sidecar.benchmark.report import plain_data
    from sidecar.cli.model import failure
    from sidecar.cli.opensearch_target import told_problems
    from sidecar.cli.shop import sample_shop
    from sidecar.cli.stack_output import told_errors
    from sidecar.cli.steps.doing import doing
    from sidecar.config.profile import load_profiles, named_profile
    from sidecar.model.errors import ModelError
    from sidecar.opensearch.product import Product
    from sidecar.opensearch.product_files import open_products
    from sidecar.stack.paths import cache_folder, project_root, stack_folder, state_folder

    names = dict(zip(ARMS, (OFF, COLD, WARM), strict=True))
    wanted_arms = [word.strip() for word in arms.split(",") if word.strip()]
    if unknown := [word for word in wanted_arms if word not in names]:
        raise typer.BadParameter(f"--arms: choose from {', '.join(ARMS)} (found {unknown[0]!r})")
    try:
        events = [parse_event(text) for text in at or []]
    except ValueError as error:
        raise typer.BadParameter(f"--at: {error}") from error
    if kill_model_at is not None:
        events.append(Event(kill_model_at, KILL))
    if roll_out_at is not None:
        events.append(Event(roll_out_at, ROLL_OUT, ROLL_OUT_COMMAND))
    if roll_out_at is not None and stack:
        raise typer.BadParameter(
            "--roll-out-at is for servers of our own; with --stack name the commands: --at"
        )
    if any(event.at >= event_seconds for event in events):
        raise typer.BadParameter(
            f"--event-seconds {event_seconds:g}: an event comes after the end of the run"
        )
    console = Console(stderr=as_json, width=150 if not Console().is_terminal else None)
    with told_errors(), told_problems():
        file = products or sample_shop(SHOP_PRODUCTS).products
        documents = {row.id: row.document for row in open_products(file) if isinstance(row, Product)}
        profiles = load_profiles(project_root() / "plugin_config" / "profiles")
        named_profile(profiles, profile)
        wanted = Wanted(
            deadline=deadline / 1000,
            exponents=_exponents(zipf),
            distinct=queries,
            step_seconds=step_seconds,
            warm=warm,
            arms=[] if stack else [names[word] for word in wanted_arms],
            rate=rate,
            events=events,
            event_seconds=event_seconds,
            seed=seed,
            folder=state_folder() / "bench-load",
            cache=cache_folder(),
            settings=_nested(setting or []),
        )
        searches = StoredSearches(documents, profile, profiles[profile], window)
        try:
            with doing("Measuring") as tell:
                found = measure_load(
                    wanted,
                    searches,
                    running_bed(stack_folder(stack)) if stack else None,
                    tell,
                )
        except (ModelError, ValueError) as error:
            raise failure(error) from error
    show_load(console, found)
    draw_load(output.with_suffix(".svg"), found)
    options = {
        "profile": profile,
        "window": window,
        "deadline_ms": deadline,
        "queries": queries,
        "warm": warm,
    }
    data = plain_data(
        {"machine": machine(), "options": options, "found": found, "comparisons": comparisons(found)}
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    typer.echo(f"figures: {output}", err=True)
    if as_json:
        typer.echo(json.dumps(data))
    if any(run.whole.kinds["failed"] or run.whole.mixed for run in found.eventful):
        typer.echo("reshelf: searches failed, or answers mixed models", err=True)
        raise typer.Exit(1)


def _exponents(text: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or any(not 0 <= exponent <= 5 for exponent in found):
        raise typer.BadParameter(
            f"--zipf: numbers from 0 to 5 joined by commas, for example 1.0 (found {text!r})"
        )
    return found


def _nested(settings: list[str]) -> dict[str, Any]:
    """scorer.canary.failures=1 as the configuration file nests it; values are JSON, or else text."""
    from sidecar.benchmark.load.bed import merged

    found: dict[str, Any] = {}
    for text in settings:
        path, sign, value = text.partition("=")
        if not sign or not path.strip():
            raise typer.BadParameter(
                f"--set: write KEY=VALUE, for example score_cache.max_mib=0 (found {text!r})"
            )
        try:
            section: Any = json.loads(value)
        except ValueError:
            section = value
        for key in reversed(path.strip().split(".")):
            section = {key: section}
        found = merged(found, section)
    return found
