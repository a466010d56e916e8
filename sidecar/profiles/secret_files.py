"""The secrets that keys are made with: files of their own, readable by nobody else."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sidecar.config.errors import ConfigurationError
from sidecar.config.privacy import Privacy
from sidecar.profiles.keying import Keys

DEFAULT_NAME = "shopper.key"
SECRET_BYTES = 32
LEAST_CHARACTERS = 32


def load_keys(privacy: Privacy, state_folder: Path, *, make: bool = True) -> Keys:
    """The keys under the configured secrets, else under the state folder's own, which is made where there is
    none, unless `make` is False. Raises ConfigurationError."""
    own = state_folder / DEFAULT_NAME
    if not privacy.key_files and make:
        own = _own_secret(state_folder)
    return Keys(_secrets(privacy.key_files or [own]))


def _secrets(files: Sequence[Path]) -> list[bytes]:
    found: list[bytes] = []
    for file in files:
        try:
            secret = file.read_bytes().strip()
        except OSError as error:
            raise ConfigurationError(
                f"`privacy.key_files`: {file} cannot be read: {error.strerror}. Mend path or owner."
            ) from error
        if len(secret) < LEAST_CHARACTERS:
            raise ConfigurationError(
                f"`privacy.key_files`: {file}: a secret has at least {LEAST_CHARACTERS} characters. "
                "Make one: python -c 'import secrets; print(secrets.token_hex(32))'"
            )
        if secret in found:
            raise ConfigurationError(
                f"`privacy.key_files`: {file} holds the same secret as another file. Remove one of them."
            )
        found.append(secret)
    return found


def _own_secret(folder: Path) -> Path:
    """The state folder's secret. Of several processes that start at once, one makes it for all."""
    file = folder / DEFAULT_NAME
    if file.exists():
        return file
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        mine = folder / f".{DEFAULT_NAME}.{os.getpid()}-{secrets.token_hex(4)}"
        handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(secrets.token_hex(SECRET_BYTES).encode() + b"\n")
                out.flush()
                os.fsync(out.fileno())
            # A link does not replace what another process has put there meanwhile.
            with suppress(FileExistsError):
                os.link(mine, file)
        finally:
            mine.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"{file}: the secret for shoppers' keys cannot be made: {error.strerror}. Make the folder "
            "writable, or set `state_folder` or `privacy.key_files`."
        ) from error
    return file
