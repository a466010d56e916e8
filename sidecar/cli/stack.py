"""`reshelf stack`: OpenSearch with the plugin, Triton and the sidecar on this machine."""

import json
import signal
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sidecar.stack.service import Service


class ScorerChoice(StrEnum):
    """Who scores: the model on Triton, the model in the sidecar's process, or nobody."""

    TRITON = "triton"
    ONNX = "onnx"
    ORDER = "order"


class PortsChoice(StrEnum):
    """The well-known ports where free, only those, or always others."""

    AUTO = "auto"
    FIXED = "fixed"
    FREE = "free"


Name = Annotated[str, typer.Option(help="Which stack, where several run side by side.")]
State = Annotated[
    Path | None,
    typer.Option(help="Folder for the stack's state and logs [default: $RESHELF_STATE, else .reshelf]."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON on stdout.")]
ServiceName = Annotated[str, typer.Argument(metavar="SERVICE", help="opensearch, triton or sidecar.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `reshelf`."""
    stack = typer.Typer(no_args_is_help=True, help="Run the whole stack on this machine, without Docker.")
    for command in (up, status, logs, stop, start, kill, pause, resume, down):
        stack.command(command.__name__)(command)
    app.add_typer(stack, name="stack")


def up(
    scorer: Annotated[ScorerChoice, typer.Option(help="Who scores.")] = ScorerChoice.TRITON,
    ports: Annotated[PortsChoice, typer.Option(help="Which ports to take.")] = PortsChoice.AUTO,
    name: Name = "default",
    state: State = None,
    as_json: AsJson = False,
) -> None:
    """Start OpenSearch with the plugin, Triton with the model, and the sidecar; return when all are ready.

    A stack that is up already is left alone; what is missing of it is started again.

    Example: `reshelf stack up --scorer onnx`
    """
    from sidecar.cli.stack_output import Parts, told_errors

    # A `kill` of this command must clean up as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with told_errors():
        from sidecar.stack.endpoints import endpoints
        from sidecar.stack.ports import PortChoice
        from sidecar.stack.start import StackWanted, parts_of, start_stack
        from sidecar.stack.state import load_state

        wanted = StackWanted(_folder(name, state), scorer.value, PortChoice(ports.value))
        there = load_state(wanted.folder)
        again = there is not None and there.is_up()
        if again:
            typer.echo("The stack is up already; looking at each part of it.", err=True)
        # Remembered apart: completing a stack says nothing of how long a start takes.
        task = "stack up again" if again else f"stack up {wanted.scorer}"
        with Parts(parts_of(wanted.scorer), task=task) as parts:
            started = start_stack(wanted, parts)
    found = endpoints(started)
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(f"OpenSearch  {found['opensearch']}")
    typer.echo(f"sidecar     {found['sidecar']['http']}  gRPC {found['sidecar']['grpc']}")
    if found["triton"]:
        typer.echo(f"Triton      {found['triton']['http']}  gRPC {found['triton']['grpc']}")
    typer.echo("Stop it with: reshelf stack down")


def status(name: Name = "default", state: State = None, as_json: AsJson = False) -> None:
    """Show what runs, where, and since when. Exit code 1 unless all of it is ready.

    Example: `reshelf stack status --json`
    """
    from sidecar.cli.stack_output import told_errors

    with told_errors():
        from sidecar.stack.endpoints import endpoints
        from sidecar.stack.state import load_state
        from sidecar.stack.status import look_at

        found = load_state(_folder(name, state))
        seen = {} if found is None else look_at(found)
    ready = bool(seen) and all(service["state"] == "ready" for service in seen.values())
    if as_json:
        where = None if found is None else endpoints(found)
        scorer = None if found is None else found.scorer
        typer.echo(json.dumps({"ready": ready, "scorer": scorer, "endpoints": where, "services": seen}))
    elif found is None:
        typer.echo("No stack is up. Start one with: reshelf stack up", err=True)
    else:
        _print_table(seen)
    raise typer.Exit(0 if ready else 1)


def logs(
    service: Annotated[str | None, typer.Argument(metavar="[SERVICE]", help="Only this one's.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it is written.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many of the last lines.")] = 100,
    name: Name = "default",
    state: State = None,
) -> None:
    """Show the end of the logs, also of a stack that is down by now.

    Example: `reshelf stack logs sidecar --follow`
    """
    from sidecar.cli.stack_output import told_errors

    with told_errors():
        from sidecar.stack.logs import log_lines

        for line in log_lines(_folder(name, state), service, last=lines, follow=follow):
            typer.echo(line)


def stop(service: ServiceName, name: Name = "default", state: State = None) -> None:
    """Stop one service in an orderly way. OpenSearch goes on answering without the others.

    Example: `reshelf stack stop sidecar`
    """
    _change(service, name, state, lambda found: found.stop(), "stopped")


def start(service: ServiceName, name: Name = "default", state: State = None) -> None:
    """Start a stopped or dead service on the same ports, with the same data, and wait until it is ready.

    Example: `reshelf stack start sidecar`
    """

    def bring_back(found: "Service") -> None:
        found.start()
        found.wait_ready(timeout=180)

    _change(service, name, state, bring_back, "ready")


def kill(service: ServiceName, name: Name = "default", state: State = None) -> None:
    """Kill one service as a crash would (SIGKILL), to see what happens then.

    Example: `reshelf stack kill triton`
    """
    _change(service, name, state, lambda found: found.kill(), "killed")


def pause(service: ServiceName, name: Name = "default", state: State = None) -> None:
    """Make one service hang as on an overloaded machine (SIGSTOP).

    Example: `reshelf stack pause sidecar`
    """
    _change(service, name, state, lambda found: found.pause(), "paused")


def resume(service: ServiceName, name: Name = "default", state: State = None) -> None:
    """Let a paused service go on (SIGCONT).

    Example: `reshelf stack resume sidecar`
    """
    _change(service, name, state, lambda found: found.resume(), "resumed")


def down(name: Name = "default", state: State = None) -> None:
    """Stop everything and remove it with its data. The logs stay.

    Example: `reshelf stack down`
    """
    from sidecar.cli.stack_output import Parts, told_errors

    with told_errors():
        from sidecar.stack.state import load_state
        from sidecar.stack.stop import stop_stack

        folder = _folder(name, state)
        found = load_state(folder)
        if found is None:
            typer.echo("No stack is up.", err=True)
            return
        with Parts(list(found.services), task="stack down") as parts:
            stop_stack(folder, parts)


def _folder(name: str, state: Path | None) -> Path:
    from sidecar.stack.paths import stack_folder

    return stack_folder(name, state)


def _change(
    service: str, name: str, state: Path | None, change: "Callable[[Service], None]", done: str
) -> None:
    """Do something to one service of the stack, and write down how it is then."""
    from sidecar.cli.stack_output import told_errors

    with told_errors():
        from sidecar.stack.errors import StackError
        from sidecar.stack.state import load_state, locked

        folder = _folder(name, state)
        with locked(folder):
            found = load_state(folder)
            if found is None:
                raise StackError("no stack is up. Start one with `reshelf stack up`.")
            if service not in found.services:
                raise StackError(f"no service `{service}` here. There are: {', '.join(found.services)}.")
            try:
                change(found.services[service])
            finally:
                found.save()
    typer.echo(f"{service}: {done}", err=True)


def _print_table(seen: dict[str, dict[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("service", "state", "pid", "up for", "memory", "where", box=None)
    for service, facts in seen.items():
        colour = {"ready": "green", "stopped": "dim"}.get(str(facts["state"]), "red")
        table.add_row(
            service,
            f"[{colour}]{facts['state']}[/]",
            str(facts["pid"] or ""),
            f"{facts['seconds']} s" if facts["seconds"] is not None else "",
            f"{facts['memory_mib']} MiB" if facts["memory_mib"] is not None else "",
            str(facts["where"]),
        )
    console = Console()
    # Addresses are copied from here: better a long line than half an address.
    console.print(table, soft_wrap=True, width=max(console.width, 120))
