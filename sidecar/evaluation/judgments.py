"""Judged queries: what people (or a shop's makers) said of products, by ESCI's four labels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.judged_query import LABELS, BadRow, JudgedQuery
from sidecar.evaluation.judgment_files import rows_of
from sidecar.evaluation.query_text import doubt, same_words

__all__ = ["LABELS", "BadRow", "JudgedQuery", "Judgments", "drawn", "load_judgments", "read_judgments"]

SHOWN = 20


@dataclass
class Judgments:
    """A file's queries in its order. `repeated` and `doubtful` tell of rows that count, but need a look."""

    queries: list[JudgedQuery] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)


def load_judgments(path: Path) -> list[JudgedQuery]:
    """All judged queries of a file; see `read_judgments`."""
    return read_judgments(path).queries


def read_judgments(path: Path) -> Judgments:
    """The judged queries of JSON lines `{"query": …, "labels": {ID: "E"|"S"|"C"|"I"}}`, or of ESCI's columns.

    A CSV or parquet file (told by its name) has the columns query, product_id and esci_label, as ESCI's
    release has them. A query may stand on several lines if these do not contradict each other. Raises
    ConfigurationError naming and counting the bad lines: a measurement without them would be another one.
    """
    return gathered(rows_of(path), path)


def gathered(rows: Iterable[JudgedQuery | BadRow], path: Path) -> Judgments:
    """The rows put together by query. Raises ConfigurationError for bad or contradictory ones, or none."""
    found = Judgments()
    queries: dict[str, JudgedQuery] = {}
    spelt: dict[str, JudgedQuery] = {}
    lines: dict[tuple[str, str], int] = {}
    wrong: list[str] = []
    for row in rows:
        if isinstance(row, BadRow):
            wrong.append(f"{path.name}:{row.line}: {row.why}")
            continue
        if row.text not in queries:
            queries[row.text] = JudgedQuery(row.line, row.text, {})
            other = spelt.setdefault(same_words(row.text), queries[row.text])
            if other.text != row.text:
                found.doubtful.append(
                    f"{path.name}:{row.line}: {row.text!r} is {other.text!r} of line {other.line} in other "
                    f"letters; both are measured"
                )
            if why := doubt(row.text):
                found.doubtful.append(f"{path.name}:{row.line}: {row.text!r} {why}")
        known = queries[row.text].labels
        for product, label in row.labels.items():
            earlier = known.setdefault(product, label)
            line = lines.setdefault((row.text, product), row.line)
            if earlier != label:
                wrong.append(
                    f"{path.name}:{row.line}: {product} is {label} here, but {earlier} for the same query "
                    f"on line {line}"
                )
            elif line != row.line:
                found.repeated.append(f"{path.name}:{row.line}: {product} is {label} on line {line} already")
    if wrong:
        more = [f"… and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise ConfigurationError("\n".join([f"{len(wrong)} bad lines:", *wrong[:SHOWN], *more]))
    if not queries:
        raise ConfigurationError(f"{path}: no judged queries in it.")
    found.queries = list(queries.values())
    return found


def drawn(queries: Sequence[JudgedQuery], size: int | None, seed: int) -> list[JudgedQuery]:
    """`size` of the queries at random, in the file's order; all if there are no more."""
    if size is None or size >= len(queries):
        return list(queries)
    return sorted(Random(seed).sample(queries, size), key=lambda query: query.line)  # noqa: S311
