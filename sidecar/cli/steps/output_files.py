"""Files that a command writes at its end."""

from pathlib import Path

from sidecar.config.errors import ConfigurationError


def check_output_folder(option: str, path: Path | str | None) -> None:
    """Before the work begins: raises ConfigurationError where the folder of what `option` names is missing.
    None, and "-" for stdout, need none."""
    if path not in (None, "-") and not Path(str(path)).parent.is_dir():
        raise ConfigurationError(f"{option}: the folder of {path} does not exist. Make it first.")
