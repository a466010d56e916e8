"""Find the commands that documents show, and check them against the real command line."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import typer
from typer.core import TyperCommand, TyperGroup

from sidecar.cli.main import app

ROOT = Path(__file__).resolve().parents[2]


Command = TyperCommand | TyperGroup
# Typer carries its own copy of click and names only some of its classes.
UsageError = typer.BadParameter.__bases__[0]


@cache
def command_line() -> TyperGroup:
    """The whole command `reshelf`."""
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return command


def documented_commands(text: str) -> Iterator[str]:
    """Every `reshelf …` line in the text's console blocks, continued lines joined."""
    for block in re.findall(r"```(?:console|bash|sh)\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            stripped = re.sub(r"^\s*\$\s*", "", line).split(" #")[0].strip()
            stripped = re.sub(r"^(\.venv/bin/)", "", stripped)
            if stripped.startswith("reshelf"):
                yield stripped


def problem_with(line: str) -> str | None:
    """What is wrong with a documented command: an unknown command or option; None where it parses."""
    arguments = shlex.split(line)[1:]
    command: Command = command_line()
    context = command.context_class(command, info_name="reshelf")
    while isinstance(command, TyperGroup) and arguments and not arguments[0].startswith("-"):
        found = command.get_command(context, arguments[0])
        if found is None:
            return f"no command `{arguments[0]}` in `{line}`"
        command, arguments = found, arguments[1:]
        context = command.context_class(command, info_name=command.name, parent=context)
    if "--help" in arguments:
        return None
    try:
        command.make_parser(context).parse_args(list(arguments))
    except UsageError as error:
        return f"{line}: {error.format_message()}"
    return None


def leaves(command: Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    """Every command that runs something, with the words that lead to it."""
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            yield from leaves(child, (*path, name))
    else:
        yield path, command
