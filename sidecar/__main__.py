"""`python -m sidecar` is the command `reshelf`, where no script folder is on PATH."""

from sidecar.cli.main import app

app()
