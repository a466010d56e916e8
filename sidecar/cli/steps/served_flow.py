"""What the commands about the served log do."""

import asyncio
import gzip
import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import typer

from sidecar.cli.steps.error_told import tell_error
from sidecar.cli.steps.local_stack_settings import sidecar_settings
from sidecar.cli.steps.private_file import private_file
from sidecar.cli.steps.shopper_records import note
from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.config.sidecar import SidecarSettings
from sidecar.feedback.event_files import read_file
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.served_opening import open_served_log
from sidecar.profiles.audit import AuditTrail
from sidecar.profiles.keying import Keys
from sidecar.profiles.secret_files import load_keys
from sidecar.served.codec import UnreadableList
from sidecar.served.log import ServedLog, ServedLogUnavailable, ServedRow
from sidecar.served.rows import list_row, ubi_lines

FOR_EVER = 1e11
"""Seconds since 1970: a time that never comes."""


def read_list(config: Path, query_id: str, *, who: str | None, why: str) -> dict[str, Any]:
    """The list of a query id as plain values; looking is noted first. Raises ConfigurationError,
    ServedLogUnavailable."""
    settings, log = opened_log(config)
    keys = load_keys(settings.privacy, settings.state_folder, make=False)
    named = sys.stdin.readline().strip() if query_id == "-" else query_id
    asked = keys.all_queries(named)

    async def read() -> ServedRow | None:
        try:
            for key, packed in zip(asked, await log.get(asked), strict=True):
                if packed is not None:
                    (outcomes,) = await log.outcomes([key])
                    return ServedRow(packed.opened(), outcomes)
        finally:
            await log.close()
        return None

    try:
        row = asyncio.run(read())
    except UnreadableList:
        raise ConfigurationError("the list of this query was written by another version") from None
    shoppers = [row.served.shopper] if row is not None and row.served.shopper else []
    note(AuditTrail(settings.state_folder), "served show", shoppers, who=who, why=why)
    if row is None:
        raise ConfigurationError(
            "nothing was served under this query id, or it is not kept (`served.days`, `served.sample`)"
        )
    return list_row(row)


def export_rows(
    config: Path,
    output: Path,
    since: str | None,
    until: str | None,
    queries: Path | None,
    *,
    outcomes_only: bool,
) -> dict[str, int]:
    """Writes rows and tells how many. The file appears when it is complete. Raises ConfigurationError,
    ServedLogUnavailable, OSError."""
    settings, log = opened_log(config)
    begin, end = log_day(since, "--since", 0.0), log_day(until, "--until", FOR_EVER)
    words = (
        _words(queries, load_keys(settings.privacy, settings.state_folder, make=False)) if queries else None
    )
    counts = {"lists": 0, "outcomes": 0, "without_words": 0}
    staging = output.with_name(output.name + ".part")

    async def write(file: IO[str]) -> None:
        try:
            total = await log.count(begin, end)
            done = 0
            with work_progress("Exporting", max(total, 1)) as tick:
                async for row in log.rows(begin, end):
                    done += 1
                    if not outcomes_only or row.outcomes:
                        _write(row, words, file, counts)
                    tick(done, f"{counts['lists']:,} lists")
        finally:
            await log.close()

    try:
        with _created(staging, gzipped=output.suffix == ".gz") as file:
            asyncio.run(write(file))
        staging.replace(output)
    finally:
        staging.unlink(missing_ok=True)
    return counts


def _write(row: ServedRow, words: Mapping[bytes, str] | None, file: IO[str], counts: dict[str, int]) -> None:
    if words is None:
        lines = iter([list_row(row)])
    elif row.served.query in words:
        lines = ubi_lines(row, words[row.served.query])
    else:
        counts["without_words"] += 1
        return
    for line in lines:
        file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    counts["lists"] += 1
    counts["outcomes"] += len(row.outcomes)


def opened_log(config: Path) -> tuple[SidecarSettings, ServedLog]:
    """The sidecar's settings and its log. Raises ConfigurationError where no command can reach it."""
    settings = sidecar_settings(config)
    if settings.served.kind == "memory":
        raise ConfigurationError(
            "`served.kind: memory` is inside the sidecar's process, where no command can reach it. "
            "Use `opensearch` or `sqlite`."
        )
    return settings, open_served_log(settings.served, settings.state_folder)


def log_day(text: str | None, option: str, otherwise: float) -> float:
    """A day as seconds since 1970, UTC. Raises ConfigurationError naming the option."""
    if text is None:
        return otherwise
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ConfigurationError(f"`{option} {text}`: write a day like 2026-05-01") from None


def _words(file: Path, keys: Keys) -> dict[bytes, str]:
    """The words of queries by the keys of their ids, from a file of UBI queries."""
    words: dict[bytes, str] = {}
    for line in read_file(file):
        document = line.document
        if not isinstance(document, dict):
            continue
        query_id, text = document.get("query_id"), document.get("user_query")
        if isinstance(query_id, str) and isinstance(text, str) and text.strip():
            words.update(dict.fromkeys(keys.all_queries(query_id), " ".join(text.split())))
    if not words:
        raise ConfigurationError(f"{file}: no line with a `query_id` and a `user_query`")
    return words


@contextmanager
def _created(file: Path, *, gzipped: bool) -> Iterator[IO[str]]:
    """A new file that only its owner can read."""
    with (
        private_file(file) as handle,
        gzip.open(handle, "wb") if gzipped else handle as data,
        io.TextIOWrapper(data, encoding="utf-8") as text,
    ):
        yield text


@contextmanager
def told_log_problems(as_json: bool = False) -> Iterator[None]:
    """Turns what can go wrong with the log into a message on stderr and exit code 1; `as_json`: into an
    object on stdout as well."""
    try:
        yield
    except (ConfigurationError, ServedLogUnavailable, ClusterError, OSError) as error:
        tell_error(error, as_json)
        raise typer.Exit(1) from error
