"""`reshelf serve`: run the sidecar."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_FILE = Path("plugin_config/sidecar.yml")


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command()
    def serve(
        config: Annotated[
            Path, typer.Option("--config", "-c", help="The sidecar's settings, a YAML file.")
        ] = DEFAULT_FILE,
        check: Annotated[
            bool, typer.Option("--check", help="Check the settings and profiles, and exit.")
        ] = False,
    ) -> None:
        """Run the sidecar: gRPC for the OpenSearch plugin, HTTP for everybody else.

        Example: `reshelf serve --config plugin_config/sidecar.yml`

        Any setting can come from the environment instead: `RESHELF_SCORER__KIND=order reshelf serve`.
        Ends with SIGTERM or Ctrl-C after the searches in flight.
        """
        import asyncio

        from sidecar import app as service
        from sidecar.config.errors import ConfigurationError
        from sidecar.config.sidecar import load_settings
        from sidecar.telemetry.logs import configure_logs

        try:
            settings = load_settings(config)
            configure_logs(settings.logging.level, settings.logging.format)
            if check:
                asyncio.run(service.check(settings))
                typer.echo(f"{config}: fine")
            else:
                with asyncio.Runner(loop_factory=service.event_loop_factory()) as runner:
                    runner.run(service.serve(settings, announce=typer.echo))
        except (ConfigurationError, OSError) as error:
            typer.echo(f"reshelf serve: {error}", err=True)
            raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from None
