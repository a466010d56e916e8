"""Which file says what a stack's sidecar asks."""

from pathlib import Path


def alias_of(stack: Path) -> Path:
    """`reshelf model promote` writes it, the sidecar follows it."""
    return stack / "live.json"
