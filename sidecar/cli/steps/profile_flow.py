"""What the commands about profiles do, from the settings to an answer in plain values."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sidecar.cli.opensearch_target import cluster
from sidecar.cli.steps.forgetting_places import forgetting_places
from sidecar.cli.steps.local_stack_settings import sidecar_settings
from sidecar.cli.steps.personal_section import sidecars_section
from sidecar.cli.steps.profile_told import told_record
from sidecar.cli.steps.shopper_records import ShopperRecords, asked_shopper, open_records
from sidecar.cli.steps.trait_words import trait_words
from sidecar.config.errors import ConfigurationError
from sidecar.config.personalization import Personalization
from sidecar.config.sidecar import SidecarSettings
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.vocabulary_source import values_of_fields
from sidecar.profiles.audit import AuditTrail, Entry, prefix
from sidecar.profiles.keying import ShopperKeys
from sidecar.profiles.secret_files import load_keys
from sidecar.served.log import ServedLogUnavailable

Answer = TypeVar("Answer")


def look(
    command: str,
    config: Path,
    client_id: str | None,
    user_id: str | None,
    *,
    ranking: str | None,
    who: str | None,
    why: str,
    index: str | None = None,
    opensearch: str | None = None,
) -> dict[str, Any]:
    """What is known of a shopper and of all profiles that are linked; looking is noted first.

    `index` in `opensearch` is asked for values that preferences may be about.
    """

    async def read(records: ShopperRecords, shopper: ShopperKeys) -> dict[str, Any]:
        section = sidecars_section(records.settings, ranking) or Personalization()
        family = await records.profiles.family(shopper)
        records.note(command, family, who=who, why=why)
        values = _values(section, index, opensearch) if index else {}
        words = trait_words(section, records.settings.vocabularies.folder, values)
        days = records.settings.privacy.profile_days
        found = await records.profiles.records(family)
        return {
            "profiles": [
                {"key": prefix(key), "of": _role(key, shopper), **told_record(record, section, words, days)}
                for key, record in zip(family, found, strict=True)
                if record is not None
            ]
        }

    return _with_shopper(config, client_id, user_id, read)


def family_of(config: Path, client_id: str | None, user_id: str | None, *, only_this: bool) -> int:
    """How many profiles `forget_shopper` would forget."""

    async def count(records: ShopperRecords, shopper: ShopperKeys) -> int:
        keys = [*shopper.users, *shopper.clients]
        return len(keys if only_this else await records.profiles.family(shopper))

    return _with_shopper(config, client_id, user_id, count)


def forget_shopper(
    config: Path, client_id: str | None, user_id: str | None, *, only_this: bool, who: str | None, why: str
) -> dict[str, Any]:
    """Forgets everywhere; a place that is away is told under `failed`, and the command can be run again."""

    async def forget(records: ShopperRecords, shopper: ShopperKeys) -> dict[str, Any]:
        keys = [*shopper.users, *shopper.clients]
        family = keys if only_this else await records.profiles.family(shopper)
        records.note("forget", family, who=who, why=why)
        removed, failed = await _forget_elsewhere(records.settings, family)
        await records.profiles.forget(shopper, only_this=only_this, keep_links=bool(failed))
        return {"profiles": len(family), "elsewhere": removed, "failed": failed}

    return _with_shopper(config, client_id, user_id, forget)


def audit_entries(config: Path, client_id: str | None, user_id: str | None) -> Sequence[Entry]:
    """The trail, or the part of it that is about one shopper."""
    settings = sidecar_settings(config)
    trail = AuditTrail(settings.state_folder)
    try:
        if client_id is None and user_id is None:
            return list(trail.entries())
        keys = load_keys(settings.privacy, settings.state_folder, make=False)
        shopper = asked_shopper(keys, client_id, user_id)
        return list(trail.about([*shopper.users, *shopper.clients]))
    except OSError as error:
        raise ConfigurationError(f"{trail.file}: cannot be read: {error.strerror}") from error


async def _forget_elsewhere(
    settings: SidecarSettings, family: Sequence[bytes]
) -> tuple[dict[str, int], dict[str, str]]:
    removed: dict[str, int] = {}
    failed: dict[str, str] = {}
    try:
        places = forgetting_places(settings)
    except (ServedLogUnavailable, ClusterError) as error:
        return {}, {"served lists": str(error)}
    for place in places:
        try:
            removed[place.name] = await place.forget(family, time.time())
        except (ServedLogUnavailable, ClusterError) as error:
            failed[place.name] = str(error)
        finally:
            await place.close()
    return removed, failed


def _with_shopper(
    config: Path,
    client_id: str | None,
    user_id: str | None,
    work: Callable[[ShopperRecords, ShopperKeys], Awaitable[Answer]],
) -> Answer:
    async def run() -> Answer:
        async with open_records(config) as records:
            return await work(records, asked_shopper(records.keys, client_id, user_id))

    return asyncio.run(run())


def _values(section: Personalization, index: str, opensearch: str | None) -> dict[str, list[str]]:
    fields = [attribute.field for attribute in section.attributes.values() if not attribute.bands]
    return values_of_fields(cluster(opensearch), index, fields)


def _role(key: bytes, shopper: ShopperKeys) -> str:
    if key in shopper.users:
        return "user"
    return "client" if key in shopper.clients else "linked"
