"""What ended a command, told to people and, where it was asked for, to programs."""

import json

import typer


def tell_error(error: Exception, as_json: bool) -> None:
    """The error on stderr; `as_json`: an object with `error` on stdout as well, in ASCII, since a message may
    name what is no UTF-8."""
    if as_json:
        typer.echo(json.dumps({"error": str(error)}))
    typer.echo(f"reshelf: {error}", err=True)
