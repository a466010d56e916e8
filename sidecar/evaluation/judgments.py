"""Judged queries: what people (or a shop's makers) said of products, by ESCI's four labels."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sidecar.config.errors import ConfigurationError

LABELS = ("E", "S", "C", "I")
SHOWN = 20


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """One query: the line it stands on, its words, and label by product id."""

    line: int
    text: str
    labels: dict[str, str]


def load_judgments(path: Path) -> list[JudgedQuery]:
    """All judged queries of a JSON-lines file of `{"query": …, "labels": {ID: "E"|"S"|"C"|"I"}}`.

    A query may stand on several lines if these do not contradict each other. Raises ConfigurationError
    naming every bad line: a measurement without them would be another measurement.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror or error}.") from error
    queries: dict[str, JudgedQuery] = {}
    wrong: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            _merge(queries, parse_line(number, line))
        except ValueError as error:
            wrong.append(f"{path.name}:{number}: {error}")
    if wrong:
        more = [f"… and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise ConfigurationError("\n".join([f"{len(wrong)} bad lines:", *wrong[:SHOWN], *more]))
    if not queries:
        raise ConfigurationError(f"{path}: no judged queries in it.")
    return list(queries.values())


def parse_line(number: int, line: bytes) -> JudgedQuery:
    """One line's query. Raises ValueError saying what is wrong with it."""
    try:
        data = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_no_repeats)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start + 1} of the line)") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError(f"expected an object, found {type(data).__name__}")
    missing = [key for key in ("query", "labels") if key not in data]
    if missing:
        raise ValueError(f"`{missing[0]}`: missing")
    query, labels = data["query"], data["labels"]
    if not isinstance(query, str) or not query.strip():
        raise ValueError(f"`query`: expected words, found {query!r}")
    if not isinstance(labels, dict) or not labels:
        raise ValueError("`labels`: expected at least one product id with its label")
    for product, label in labels.items():
        if label not in LABELS:
            raise ValueError(f"`labels.{product}`: {label!r} is none of {', '.join(LABELS)}")
    return JudgedQuery(number, query, labels)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and found[key] != value:
            raise ValueError(f"`{key}` stands there twice, as {found[key]!r} and {value!r}")
        found[key] = value
    return found


def _merge(queries: dict[str, JudgedQuery], new: JudgedQuery) -> None:
    earlier = queries.setdefault(new.text, new)
    if earlier is new:
        return
    for product, label in new.labels.items():
        if earlier.labels.setdefault(product, label) != label:
            raise ValueError(
                f"{product} is {label} here, but {earlier.labels[product]} for the same query "
                f"on line {earlier.line}"
            )


def drawn(queries: Sequence[JudgedQuery], size: int | None, seed: int) -> list[JudgedQuery]:
    """`size` of the queries at random, in the file's order; all if there are no more."""
    if size is None or size >= len(queries):
        return list(queries)
    return sorted(Random(seed).sample(queries, size), key=lambda query: query.line)  # noqa: S311
