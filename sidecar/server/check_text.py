"""The text that a check of documents travels as: the plugin hands it back as it came."""

import json
import math

from sidecar.domain.hiding_check import MOST_RULES, HidingCheck
from sidecar.server.errors import BadRequest

FIELD = "layout.check"
MOST_CHARACTERS = 16_384


def text_of(check: HidingCheck) -> str:
    """The check, within what `check_of` reads."""
    return json.dumps([check.release, check.now, check.rules], separators=(",", ":"))


def check_of(text: str) -> HidingCheck:
    """The check that a text says. Raises BadRequest."""
    if len(text) > MOST_CHARACTERS:
        raise BadRequest(FIELD, f"{len(text)} characters are above the limit of {MOST_CHARACTERS}")
    try:
        release, now, rules = json.loads(text)
        moment = float(now)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _broken() from error
    named = isinstance(rules, list) and all(isinstance(one, str) for one in rules)
    if (
        not named
        or not 0 < len(rules) <= MOST_RULES
        or not isinstance(release, str)
        or not math.isfinite(moment)
    ):
        raise _broken()
    return HidingCheck(release, tuple(rules), moment)


def _broken() -> BadRequest:
    return BadRequest(FIELD, "is not the `check` of an answer; send that as it came")
