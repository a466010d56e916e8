"""SHA-256 of files and texts."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """64 hex digits for a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_text(text: str) -> str:
    """64 hex digits for a text."""
    return hashlib.sha256(text.encode()).hexdigest()
