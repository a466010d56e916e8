"""`reshelf events`: tell a running sidecar what shoppers did."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sidecar.cli.opensearch_target import told_problems

if TYPE_CHECKING:
    from sidecar.cli.steps.events_import import ImportReport

DEFAULT_URL = "http://127.0.0.1:8080"
SHOWN = 10

events = typer.Typer(name="events", help="What shoppers did: load it from files.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds `reshelf events`."""
    app.add_typer(events)


@events.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="NDJSON (also bulk format), or a JSON array; .gz too.")],
    url: Annotated[
        str | None,
        typer.Option(
            help=f"The sidecar's HTTP address. Default: the running local stack's, else {DEFAULT_URL}."
        ),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token. Default: $RESHELF_HTTP__TOKEN.")
    ] = None,
    ca: Annotated[Path | None, typer.Option(help="The CA of the sidecar's certificate, PEM.")] = None,
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="Events in one request.")] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on stdout.")] = False,
) -> None:
    """Load files of UBI events into a running sidecar.

    Example: `reshelf events import ubi_events.ndjson.gz --url http://127.0.0.1:8080`

    Lines of `ubi_queries` in the same file are passed over. Events that the sidecar knows already are not
    counted again: an import that was interrupted is simply started again. Wrong lines are refused one by
    one and told at the end; events older than `events.max_age_days` are among them.
    """
    from sidecar.cli.steps.event_sending import EventSender, SidecarError
    from sidecar.cli.steps.events_import import import_files
    from sidecar.cli.work_progress import work_progress

    with told_problems():
        sender = EventSender(
            url or _local_sidecar() or DEFAULT_URL, _token(token_file), ca=str(ca) if ca else None
        )
        try:
            total = sum(file.stat().st_size for file in files)
            with work_progress("Loading events", total) as tick:
                report = import_files(files, sender, batch, tick)
        except OSError as error:
            raise SidecarError(f"{error}. What was read before is kept.") from error
        finally:
            sender.close()
    if as_json:
        typer.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        _tell(report)


def _tell(report: "ImportReport") -> None:
    counts = [f"{report.accepted:,} accepted", f"{report.repeated:,} known already"]
    counts += [f"{count:,} ignored ({reason})" for reason, count in report.ignored.most_common()]
    counts += [f"{report.refused:,} refused"]
    queries = f"; {report.queries:,} lines of queries passed over" if report.queries else ""
    typer.echo(f"{report.events:,} events: {', '.join(counts)}{queries}")
    for (field, reason), count in report.reasons.most_common(SHOWN):
        told = f"{field}: {reason}" if field else reason
        typer.echo(f"  refused {count:,}: {told} (first: {report.first[field, reason]})", err=True)
    if len(report.reasons) > SHOWN:
        typer.echo(f"  … and {len(report.reasons) - SHOWN:,} other reasons; --json names more", err=True)


def _token(file: Path | None) -> str:
    if file is not None:
        return file.read_text("utf-8").strip()
    return os.environ.get("RESHELF_HTTP__TOKEN", "")


def _local_sidecar() -> str | None:
    """The HTTP address of the local stack's sidecar; None where no stack is up."""
    from sidecar.stack.errors import StackError
    from sidecar.stack.paths import stack_folder
    from sidecar.stack.state import load_state

    try:
        state = load_state(stack_folder())
    except StackError:
        return None
    port = state.ports.get("sidecar_http") if state else None
    return f"http://127.0.0.1:{port}" if port else None
