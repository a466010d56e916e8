"""Read products from a file, row by row, never silently losing one."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, NoReturn, Protocol, cast

from sidecar.config.errors import ConfigurationError
from sidecar.opensearch.product import Product, Refusal, check_product

MAX_LINE = 16 * 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
PARQUET_MAGIC = b"PAR1"


class ProductFile(Protocol):
    """Rows of one file. While iterating, `done` of `total` tells the progress (bytes or rows)."""

    total: int
    done: int

    def __iter__(self) -> Iterator[Product | Refusal]: ...


def open_products(path: Path, locales: Iterable[str] = ()) -> ProductFile:
    """The products of a JSON-lines file (plain or gzip) or of the official ESCI parquet release.

    `locales` keeps only those of the parquet release. Raises ConfigurationError if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror or error}.") from error
    if head == PARQUET_MAGIC:
        from sidecar.opensearch.esci_release import EsciRelease  # pyarrow takes long to import

        return EsciRelease(path, tuple(locales))
    return JsonLines(path)


class JsonLines:
    """One JSON object a line, UTF-8, plain or gzip (told by content). Blank lines are skipped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.total = path.stat().st_size
        self.done = 0

    def __iter__(self) -> Iterator[Product | Refusal]:
        return only_first(self._rows())

    def _rows(self) -> Iterator[Product | Refusal]:
        number = 0
        with self.path.open("rb") as raw, self._decompressed(raw) as lines:
            try:
                while line := lines.readline(MAX_LINE + 1):
                    number += 1
                    if len(line) > MAX_LINE:
                        _skip_rest_of(line, lines)
                        yield Refusal(number, f"longer than {MAX_LINE // 2**20} MiB")
                        continue
                    self.done = raw.tell()
                    if line.strip():
                        yield parse_line(number, line)
            except (OSError, EOFError, zlib.error) as error:
                yield Refusal(number + 1, f"the file cannot be read from here on: {error}")
        self.done = self.total

    @staticmethod
    def _decompressed(raw: BinaryIO) -> AbstractContextManager[BinaryIO]:
        compressed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if compressed else nullcontext(raw)


def _skip_rest_of(line: bytes, lines: BinaryIO) -> None:
    while line and not line.endswith(b"\n"):
        line = lines.readline(MAX_LINE)


def parse_line(number: int, line: bytes) -> Product | Refusal:
    """The product in a line of a JSON-lines file, or what is wrong with it."""
    if number == 1:
        line = line.removeprefix(b"\xef\xbb\xbf")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return Refusal(number, f"not UTF-8 (byte {error.start + 1} of the line)")
    try:
        document = json.loads(text, parse_constant=_no_json_number)
    except RecursionError:
        return Refusal(number, "nested too deeply")
    except ValueError as error:
        return Refusal(number, f"not JSON: {error}")
    return check_product(number, document)


def _no_json_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def only_first(rows: Iterable[Product | Refusal]) -> Iterator[Product | Refusal]:
    """The rows, where an id that came before is refused: which of the two is right is not ours to guess."""
    first: dict[str, int] = {}
    for row in rows:
        if isinstance(row, Product):
            earlier = first.setdefault(row.id, row.number)
            if earlier != row.number:
                yield Refusal(row.number, f"`product_id`: already in row {earlier}", row.id)
                continue
        yield row
