"""What `reshelf rules shares` does."""

import asyncio
import time
from pathlib import Path
from typing import Any

from sidecar.cli.steps.rules_stats_flow import DAY, USUAL_DAYS, counted, live_release
from sidecar.cli.steps.rules_store import rules_in
from sidecar.cli.steps.served_flow import log_day, opened_log
from sidecar.config.errors import ConfigurationError
from sidecar.rules.language.telling import PageLayout
from sidecar.rules.release import Release
from sidecar.served.rule_effect import ClickCount
from sidecar.served.variant_shares import learned_shares


def shares_of(config: Path, rule: str, since: str | None, floor: float) -> dict[str, Any]:
    """The shares of the live rule's variants, and what they are taken from. Raises ConfigurationError,
    ServedLogUnavailable."""
    settings, log = opened_log(config)
    live, why = live_release(settings)
    if live is None:
        raise ConfigurationError(f"the rule's variants are not known: {why}")
    names = sorted(_page(live, rule).variants)
    begin = log_day(since, "--since", time.time() - USUAL_DAYS * DAY)
    stats = asyncio.run(counted(log, begin))
    found = stats.variants.get(rule, {})
    counts = {name: found.get(name, ClickCount()) for name in names}
    try:
        learned = learned_shares(counts, floor=floor)
    except ValueError as error:
        raise ConfigurationError(f"--floor: {error}") from error
    return {
        "rule": rule,
        "shares": learned,
        "variants": {
            name: {"searches": count.searches, "clicks": count.clicks} for name, count in counts.items()
        },
    }


def _page(live: Release, rule: str) -> PageLayout:
    """The rule's page with variants."""
    found = next((one for one in rules_in(live).rules if one.id == rule), None)
    if found is None:
        raise ConfigurationError(f"no live rule is called `{rule}`; see `reshelf rules history`.")
    for action in found.then:
        if action.page is not None and action.page.variants:
            return action.page
    raise ConfigurationError(f"rule `{rule}` has no `page` with `variants`.")
