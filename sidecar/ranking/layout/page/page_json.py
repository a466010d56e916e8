"""JSON that may stand inside a page's `<script>`."""

import json
from typing import Any

# To JSON they are the same; to a page `</script>`, `<!--` or an entity would be markup. The two line
# separators were no part of a JavaScript string before ES2019.
_MARKUP = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def page_json(value: Any) -> str:
    """One line of JSON without signs that mean anything to HTML. Raises ValueError for NaN and infinities."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_MARKUP)
