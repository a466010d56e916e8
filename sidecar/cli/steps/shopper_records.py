"""Opens what commands about shoppers work on: the sidecar's own store, keys and audit trail."""

import getpass
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from sidecar.cli.steps.local_stack_settings import sidecar_settings
from sidecar.config.errors import ConfigurationError
from sidecar.config.sidecar import SidecarSettings
from sidecar.domain.search import Shopper
from sidecar.opensearch.errors import ClusterError
from sidecar.profiles.audit import AuditTrail, Entry, prefix
from sidecar.profiles.keying import Keys, ShopperKeys
from sidecar.profiles.marks import UnreadableRecord
from sidecar.profiles.opening import RECORDS_FILE, open_store
from sidecar.profiles.profiles import DAY, Profiles
from sidecar.profiles.secret_files import load_keys
from sidecar.profiles.store import RecordStore, StoreUnavailable


@dataclass(frozen=True, slots=True)
class ShopperRecords:
    """All that a command needs, opened."""

    settings: SidecarSettings
    store: RecordStore
    profiles: Profiles
    keys: Keys
    audit: AuditTrail

    def note(self, command: str, shoppers: Sequence[bytes], *, who: str | None, why: str) -> None:
        """Adds to the audit trail, before anything is shown or done. Raises ConfigurationError."""
        note(self.audit, command, shoppers, who=who, why=why)


@asynccontextmanager
async def open_records(config: Path) -> AsyncIterator[ShopperRecords]:
    """The records of the sidecar with these settings. Raises ConfigurationError, StoreUnavailable."""
    settings = sidecar_settings(config)
    store = _open_existing(settings)
    try:
        privacy = settings.privacy
        yield ShopperRecords(
            settings,
            store,
            Profiles(
                store,
                ttl=privacy.profile_days * DAY,
                forgotten_ttl=privacy.forgotten_days * DAY,
                clock_skew=privacy.clock_skew_seconds,
            ),
            load_keys(privacy, settings.state_folder, make=False),
            AuditTrail(settings.state_folder),
        )
    finally:
        await store.close()


def _open_existing(settings: SidecarSettings) -> RecordStore:
    if settings.store.kind == "memory":
        raise ConfigurationError(
            "`store.kind: memory` is inside the sidecar's process, where no command can reach it. "
            "Use `sqlite` or `redis`."
        )
    if settings.store.kind == "sqlite":
        file = settings.store.sqlite.path or settings.state_folder / RECORDS_FILE
        if not file.exists():
            raise ConfigurationError(
                f"{file}: no records there yet. Name the settings that the sidecar runs with (--config); "
                "the sidecar makes the file when it starts."
            )
    return open_store(settings.store, settings.state_folder)


def asked_shopper(keys: Keys, client_id: str | None, user_id: str | None) -> ShopperKeys:
    """The shopper that the options name; `-` reads an id from stdin, where no process list shows it.

    Raises ConfigurationError for none, and for both from stdin.
    """
    if client_id == "-" and user_id == "-":
        raise ConfigurationError("only one of --client-id and --user-id can come from stdin")
    client, user = ((sys.stdin.readline().strip() if told == "-" else told) for told in (client_id, user_id))
    shopper = keys.shopper(Shopper(client_id=client or "", user_id=user or ""))
    if not shopper.main:
        raise ConfigurationError("name a shopper: --client-id ID, --user-id ID, or `-` to read it from stdin")
    return shopper


def note(trail: AuditTrail, command: str, shoppers: Sequence[bytes], *, who: str | None, why: str) -> None:
    """Adds to the trail, before anything is shown or done. Raises ConfigurationError."""
    time = datetime.now(UTC).isoformat(timespec="seconds")
    entry = Entry(time, who or os_user(), command, tuple(prefix(key) for key in shoppers), why)
    try:
        trail.add(entry)
    except UnicodeEncodeError as error:
        raise ConfigurationError(
            f"--as {who!r} --why {why!r}: not in UTF-8, as the audit trail is. Nothing was done: set the "
            "terminal to UTF-8, or use other letters."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"{trail.file}: the audit trail cannot be written: {error.strerror}. "
            "Nothing was done: run as a user who may write there, or mend `state_folder`."
        ) from error


def os_user() -> str:
    """Who runs this, by the operating system; behind sudo, who called it."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


@contextmanager
def told_store_problems() -> Iterator[None]:
    """Turns what can go wrong with the records into a message and exit code 1."""
    try:
        yield
    except (ConfigurationError, StoreUnavailable, UnreadableRecord, ClusterError) as error:
        typer.echo(f"reshelf: {error}", err=True)
        raise typer.Exit(1) from error
