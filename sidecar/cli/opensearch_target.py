"""Which cluster a command talks to, and how its failures are told."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

OpenSearchUrl = Annotated[
    str | None,
    typer.Option(
        "--opensearch",
        metavar="URL",
        help="The cluster. Default: $RESHELF_OPENSEARCH, else the running local stack, else "
        "http://127.0.0.1:9200. A password goes into $RESHELF_OPENSEARCH_USER and _PASSWORD, a CA into _CA.",
    ),
]


def cluster(url: str | None) -> "OpenSearch":
    """A client for the cluster that was named or is found. Raises ClusterError for a bad URL."""
    from sidecar.opensearch.connection import DEFAULT_URL, connect

    return connect(url or found_url() or DEFAULT_URL)


def found_url() -> str | None:
    """The cluster of RESHELF_OPENSEARCH, else the running local stack's; None where there is neither."""
    return os.environ.get("RESHELF_OPENSEARCH") or _local_stack()


def named_cluster(url: str | None) -> "OpenSearch | None":
    """A client for the cluster that was named, by the option or by RESHELF_OPENSEARCH; None where none was.

    For what is left out without a cluster: one that happens to run must not change what a test says. Raises
    ClusterError for a bad URL.
    """
    named = url or os.environ.get("RESHELF_OPENSEARCH")
    return cluster(named) if named else None


def _local_stack() -> str | None:
    """The URL of the local stack's OpenSearch; None where no stack is up."""
    from sidecar.stack.errors import StackError
    from sidecar.stack.paths import stack_folder
    from sidecar.stack.state import load_state

    try:
        state = load_state(stack_folder())
    except StackError:
        return None
    port = state.ports.get("opensearch") if state else None
    return f"http://127.0.0.1:{port}" if port else None


@contextmanager
def told_problems() -> Iterator[None]:
    """Turn what can go wrong with files and clusters into a message and exit code 1, without a traceback."""
    from sidecar.config.errors import ConfigurationError
    from sidecar.opensearch.errors import ClusterError

    try:
        yield
    except (ConfigurationError, ClusterError) as error:
        from rich.console import Console

        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(
            f"reshelf: {error}", style="red"
        )
        raise typer.Exit(1) from error
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("sidecar"):
            raise
        typer.echo(
            f"reshelf: package `{error.name}` is missing. Install `reshelf[evaluate]` or run `make setup`.",
            err=True,
        )
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        typer.echo("reshelf: interrupted", err=True)
        raise typer.Exit(130) from None
