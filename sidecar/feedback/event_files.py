"""Files with UBI's documents, as exports and backups have them.

NDJSON, plain or with the action lines of OpenSearch's bulk format, or with each document in a `_source`; or
one JSON array. Any of them gzipped.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sidecar.feedback.documents import documents
from sidecar.feedback.told import Wrong

GZIP = b"\x1f\x8b"
ACTIONS = {"index", "create", "update", "delete"}


@dataclass(frozen=True, slots=True)
class Line:
    """A document of a file. `place` is the line, in an array the document's number, from 1.

    `document` is None where there is no JSON; `problem` says why. `read` is how many bytes of the file, as
    it lies on disk, were read up to here.
    """

    file: Path
    place: int
    document: Any
    read: int
    problem: str = ""

    @property
    def is_query(self) -> bool:
        """Whether it is of UBI's other index, ubi_queries."""
        found = self.document
        return isinstance(found, dict) and "action_name" not in found and "user_query" in found


def read_file(file: Path) -> Iterator[Line]:
    """A file's documents. Raises OSError, also for a gzip that is cut off."""
    with file.open("rb") as raw:
        packed = raw.read(len(GZIP)) == GZIP
        raw.seek(0)
        binary: Any = gzip.GzipFile(fileobj=raw) if packed else raw
        # A broken character concerns its own event: the sidecar refuses that.
        text = io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape")
        try:
            first = text.readline()
            while first and not first.strip():
                first = text.readline()
            if first.lstrip().startswith("["):
                yield from _array(file, first + text.read(), raw)
            else:
                yield from _lines(file, first, text, raw)
        except (EOFError, zlib.error) as error:
            raise OSError(f"{file} is not a whole gzip file ({error})") from error


def _lines(file: Path, first: str, rest: io.TextIOWrapper, raw: IO[bytes]) -> Iterator[Line]:
    place, line = 1, first
    while line:
        if line.strip():
            try:
                document = json.loads(line)
            except (ValueError, RecursionError):
                yield Line(file, place, None, raw.tell(), "not JSON")
            else:
                if not _is_action(document):
                    yield Line(file, place, _unwrapped(document), raw.tell())
        line = rest.readline()
        place += 1


def _array(file: Path, text: str, raw: IO[bytes]) -> Iterator[Line]:
    for place, (document, _) in enumerate(documents(text), 1):
        if isinstance(document, Wrong):
            yield Line(file, place, None, raw.tell(), document.reason)
        elif not _is_action(document):
            yield Line(file, place, _unwrapped(document), raw.tell())


def _is_action(document: Any) -> bool:
    """Whether it is an action line of the bulk format."""
    if not isinstance(document, dict) or len(document) != 1:
        return False
    ((name, value),) = document.items()
    return name in ACTIONS and isinstance(value, dict)


def _unwrapped(document: Any) -> Any:
    inner = document.get("_source") if isinstance(document, dict) else None
    return inner if isinstance(inner, dict) else document
