"""What `reshelf rules shares` does."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sidecar.cli.steps.rules_stats_flow import DAY, USUAL_DAYS, counted, live_release
from sidecar.cli.steps.rules_store import rules_in
from sidecar.cli.steps.served_flow import log_day, opened_log
from sidecar.config.errors import ConfigurationError
from sidecar.config.sidecar import SidecarSettings
from sidecar.opensearch.rules_opening import open_releases
from sidecar.rules.language.telling import PageLayout
from sidecar.rules.release import Release, UnreadableRelease
from sidecar.rules.release_store import ReleasesUnavailable
from sidecar.served.rule_effect import ClickCount
from sidecar.served.variant_shares import learned_shares


def shares_of(config: Path, rule: str, since: str | None, floor: float) -> dict[str, Any]:
    """The shares of the live rule's variants, and what they are taken from. Raises ConfigurationError,
    ServedLogUnavailable."""
    settings, log = opened_log(config)
    live, why = live_release(settings)
    if live is None:
        raise ConfigurationError(f"the rule's variants are not known: {why}")
    page = _page(live, rule)
    if page is None:
        raise ConfigurationError(f"rule `{rule}` has no `page` with `variants`.")
    names = sorted(page.variants)
    begin = log_day(since, "--since", time.time() - USUAL_DAYS * DAY)
    begin = max(begin, _unchanged_since(settings, live, rule))
    stats = asyncio.run(counted(log, begin))
    found = stats.variants.get(rule, {})
    counts = {name: found.get(name, ClickCount()) for name in names}
    try:
        learned = learned_shares(counts, floor=floor)
    except ValueError as error:
        raise ConfigurationError(f"--floor: {error}") from error
    return {
        "rule": rule,
        "since": datetime.fromtimestamp(begin, UTC).isoformat(timespec="seconds"),
        "shares": learned,
        "variants": {
            name: {"searches": count.searches, "clicks": count.clicks} for name, count in counts.items()
        },
    }


def _page(release: Release, rule: str) -> PageLayout | None:
    """The rule's page with variants. Raises ConfigurationError where there is no such rule."""
    found = next((one for one in rules_in(release).rules if one.id == rule), None)
    if found is None:
        raise ConfigurationError(f"no live rule is called `{rule}`; see `reshelf rules history`.")
    pages = (action.page for action in found.then if action.page is not None)
    return next((page for page in pages if page.variants), None)


def _unchanged_since(settings: SidecarSettings, live: Release, rule: str) -> float:
    """When the rule's page became what it is, but for its shares; in seconds since 1970.

    Clicks on another page whose variants had the same names say nothing of this one. Raises
    ConfigurationError.
    """
    since = live.when
    store = open_releases(settings.rules, settings.state_folder)
    if store is None:
        return since
    try:
        for older in store.history(settings.rules.keep):
            if isinstance(older, UnreadableRelease):
                break
            if _but_for_shares(older, rule) != _but_for_shares(live, rule):
                break
            since = min(since, older.when)
    except ReleasesUnavailable as error:
        raise ConfigurationError(f"since when the page is what it is, is not known: {error}") from error
    finally:
        store.close()
    return since


def _but_for_shares(release: Release, rule: str) -> PageLayout | None:
    """None where the version cannot be read, or has no such page."""
    try:
        page = _page(release, rule)
    except ConfigurationError:
        return None
    return page.model_copy(update={"shares": {}}) if page is not None else None
