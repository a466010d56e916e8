"""What people write in YAML, taken as it is written."""

from sidecar.config.strict import Strict


class Exact(Strict, strict=True):
    """As Strict, and nothing is turned into another kind: `"5"` is no number, and `no` no flag.

    So the reader and the JSON schema, which editors check by, say the same.
    """
