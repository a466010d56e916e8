"""The version that a sidecar ran last, in its own folder: what it starts with when the store is away."""

import json
import os
import secrets
from pathlib import Path

from sidecar.rules.release import Release, read_release

FILE = "rules-live.json"


class LastGood:
    """One release in a file of the state folder, replaced in one step."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE

    def read(self) -> Release | None:
        """The release; None where there is none, or it is damaged."""
        try:
            document = json.loads(self.file.read_bytes())
            number = document["number"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        release = read_release(number, document)
        return release if isinstance(release, Release) else None

    def write(self, release: Release) -> None:
        """Keeps a release. Raises OSError."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self.file.with_name(f".{FILE}.{os.getpid()}-{secrets.token_hex(4)}")
        try:
            unfinished.write_text(json.dumps(release.to_document(), ensure_ascii=False), encoding="utf-8")
            unfinished.replace(self.file)
        finally:
            unfinished.unlink(missing_ok=True)
