"""Who looked at shoppers' profiles or changed them: a file that only grows, a JSON object a line."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "audit.jsonl"
PREFIX_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One look. `shoppers` are the first hex digits of keys: enough to find a shopper's entries by their id,
    nothing to find the id by. `time` is ISO 8601, UTC."""

    time: str
    who: str
    command: str
    shoppers: tuple[str, ...] = ()
    why: str = ""


def prefix(key: bytes) -> str:
    """How a key is named in the trail and to people."""
    return key.hex()[:PREFIX_DIGITS]


class AuditTrail:
    """The trail in a state folder."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE

    def add(self, entry: Entry) -> None:
        """Adds a line, on disk when this returns. Raises OSError: then nobody may look."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        # One write to a file opened for appending: lines of several writers do not mix.
        handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def entries(self) -> Iterator[Entry]:
        """From the first to the last. Lines that are damaged are passed over. Raises OSError."""
        if not self.file.exists():
            return
        with self.file.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    told = json.loads(line)
                    yield Entry(**{**told, "shoppers": tuple(told["shoppers"])})
                except (ValueError, TypeError, KeyError):
                    continue

    def about(self, keys: Sequence[bytes]) -> Iterator[Entry]:
        """The entries about a shopper."""
        wanted = {prefix(key) for key in keys}
        return (entry for entry in self.entries() if wanted.intersection(entry.shoppers))
