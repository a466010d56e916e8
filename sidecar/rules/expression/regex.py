"""Regular expressions by RE2, whose time grows with the text and never explodes."""

from functools import lru_cache
from typing import Any

import re2

from sidecar.rules.expression.errors import ExpressionError

MOST_BYTES = 1 << 20
"""Of memory for one compiled expression; RE2 refuses what needs more."""


def check_regex(pattern: str, column: int) -> None:
    """Raises ExpressionError for what RE2 does not know (backreferences, lookaround) or what is too big."""
    try:
        compiled_regex(pattern)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ExpressionError(
            f"`{pattern}` is no regular expression for RE2 ({why}): it has neither backreferences nor "
            f"lookaround, and repeats at most 1,000 times",
            column,
        ) from error


@lru_cache(maxsize=4096)
def compiled_regex(pattern: str) -> Any:
    """The compiled expression; case does not count. Raises re2.error."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = MOST_BYTES
    return re2.compile(pattern, options)
