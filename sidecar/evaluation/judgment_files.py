"""The rows of a file of judgments, each a query with labels or what is wrong with it."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.judged_query import LABELS, BadRow, JudgedQuery
from sidecar.evaluation.query_text import damage

COLUMNS = ("query", "product_id", "esci_label")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def rows_of(path: Path) -> Iterator[JudgedQuery | BadRow]:
    """The rows of a .csv or .parquet file in ESCI's columns, or of JSON lines.

    Raises ConfigurationError for a file that cannot be read at all.
    """
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror or error}.") from error
    if content.startswith(UTF_16):
        raise ConfigurationError(f"{path}: is UTF-16. Convert it: `iconv -f UTF-16 -t UTF-8`.")
    return _csv(path, content) if path.suffix.lower() == ".csv" else _json_lines(content)


def _json_lines(content: bytes) -> Iterator[JudgedQuery | BadRow]:
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield parse_line(number, line)
        except ValueError as error:
            yield BadRow(number, str(error))


def parse_line(number: int, line: bytes) -> JudgedQuery:
    """The query of a line of JSON. Raises ValueError saying what is wrong with it."""
    try:
        data = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_no_repeats)
    except UnicodeDecodeError as error:
        raise ValueError(_not_utf_8(error)) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError(f"expected an object, found {type(data).__name__}")
    missing = [key for key in ("query", "labels") if key not in data]
    if missing:
        raise ValueError(f"`{missing[0]}`: missing")
    labels = data["labels"]
    if not isinstance(labels, dict) or not labels:
        _checked_query(data["query"])
        raise ValueError("`labels`: expected at least one product id with its label")
    return judged(number, data["query"], labels)


def judged(number: int, query: Any, labels: Mapping[Any, Any]) -> JudgedQuery:
    """A row that was read. Raises ValueError saying what is wrong with it."""
    _checked_query(query)
    for product, label in labels.items():
        if not isinstance(product, str) or not product.strip():
            raise ValueError(f"{product!r} is no product id")
        if label not in LABELS:
            raise ValueError(f"`labels.{product}`: {label!r} is none of {', '.join(LABELS)}")
    return JudgedQuery(number, query, dict(labels))


def _checked_query(query: Any) -> None:
    if not isinstance(query, str) or not query.strip():
        raise ValueError(f"`query`: expected words, found {query!r}")
    if wrong := damage(query):
        raise ValueError(f"`query`: {query!r} {wrong}")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and found[key] != value:
            raise ValueError(f"`{key}` stands there twice, as {found[key]!r} and {value!r}")
        found[key] = value
    return found


def _csv(path: Path, content: bytes) -> Iterator[JudgedQuery | BadRow]:
    lines: list[str] = []
    undecodable: dict[int, str] = {}
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True), 1):
        try:
            lines.append(raw.decode("utf-8"))
        except UnicodeDecodeError as error:
            undecodable[number] = _not_utf_8(error)
            lines.append(raw.decode("utf-8", "replace"))
    reader = csv.reader(lines, strict=True)
    header = next(reader, [])
    places = _places(path, [name.strip() for name in header])
    while True:
        begin = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(begin, f"not CSV: {error}")
            continue
        bad = [undecodable[line] for line in range(begin, reader.line_num + 1) if line in undecodable]
        if bad:
            yield BadRow(begin, bad[0])
        elif len(row) not in (0, len(header)):
            yield BadRow(begin, f"{len(header)} columns expected, found {len(row)}")
        elif row:
            yield _row(begin, *(row[place] for place in places))


def _parquet(path: Path) -> Iterator[JudgedQuery | BadRow]:
    import pyarrow  # takes long to import
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise ConfigurationError(f"{path}: not a readable parquet file: {error}") from error
    _places(path, file.schema_arrow.names)
    number = 0
    for batch in file.iter_batches(columns=list(COLUMNS)):
        for row in batch.to_pylist():
            number += 1
            yield _row(number, *(row[name] for name in COLUMNS))


def _places(path: Path, names: Iterable[str]) -> list[int]:
    """Where the needed columns stand. Raises ConfigurationError naming those that are missing."""
    found = list(names)
    missing = [name for name in COLUMNS if name not in found]
    if missing:
        raise ConfigurationError(
            f"{path}: no column {', '.join(missing)}. Needed are {', '.join(COLUMNS)}; "
            f"found {', '.join(found) or 'none'}."
        )
    return [found.index(name) for name in COLUMNS]


def _row(number: int, query: Any, product: Any, label: Any) -> JudgedQuery | BadRow:
    try:
        return judged(number, query, {product: label})
    except ValueError as error:
        return BadRow(number, str(error))


def _not_utf_8(error: UnicodeDecodeError) -> str:
    return f"not UTF-8 (byte {error.start + 1} of the line)"
