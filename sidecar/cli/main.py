"""The command `reshelf`. Every file of this folder with a `register` function adds its commands."""

import importlib
import pkgutil

import typer

import sidecar.cli

app = typer.Typer(
    name="reshelf",
    help="Re-rank OpenSearch results: serve, load, look and measure.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
)

for _module in sorted(pkgutil.iter_modules(sidecar.cli.__path__), key=lambda found: found.name):
    _register = getattr(importlib.import_module(f"sidecar.cli.{_module.name}"), "register", None)
    if _register is not None:
        _register(app)
