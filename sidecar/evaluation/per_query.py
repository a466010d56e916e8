"""The values of every single query: which it was that won or lost."""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.comparison import TIE
from sidecar.evaluation.judgments import LABELS
from sidecar.evaluation.measured import Measured
from sidecar.evaluation.measures import MEASURES, PRIMARY
from sidecar.evaluation.slices import Slicer

FORMATS = (".csv", ".json")


@dataclass(frozen=True, slots=True)
class Change:
    """What an arm made of one query's nDCG@10."""

    query: str
    baseline: float
    arm: float
    delta: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def largest_changes(found: Measured, arm: str, count: int = 10) -> tuple[list[Change], list[Change]]:
    """The arm's best wins and worst losses against the baseline, the largest first."""
    differences = found.differences(arm)
    changes = [
        Change(query.text, float(before), float(after), float(delta))
        for query, before, after, delta in zip(
            found.queries,
            found.values[found.baseline][PRIMARY],
            found.values[arm][PRIMARY],
            differences,
            strict=True,
        )
    ]
    order = np.argsort(-differences, kind="stable").tolist()
    wins = [changes[place] for place in order[:count] if changes[place].delta > TIE]
    losses = [changes[place] for place in order[::-1][:count] if changes[place].delta < -TIE]
    return wins, losses


def rows(found: Measured, slicers: Mapping[str, Slicer]) -> list[dict[str, Any]]:
    """A flat row a query: its judgments, its slices, every measure of every arm, every difference."""
    table = []
    for place, query in enumerate(found.queries):
        counts = Counter(query.labels.values())
        row: dict[str, Any] = {"line": query.line, "query": query.text}
        row |= {f"judged_{label}": counts[label] for label in LABELS}
        row |= {name: slicer(query) for name, slicer in slicers.items()}
        for run in found.runs:
            arm = run.arm.name
            row |= {f"{arm}:{metric}": float(found.values[arm][metric][place]) for metric in MEASURES}
            if arm != found.baseline:
                row[f"{arm}-{found.baseline}:{PRIMARY}"] = float(found.differences(arm)[place])
            if run.arm.reranks:
                row[f"{arm}:incomplete"] = run.answers[place].incomplete
        table.append(row)
    return table


def check_format(path: Path) -> None:
    """Raises ConfigurationError for a name that says neither CSV nor JSON."""
    if path.suffix.lower() not in FORMATS:
        raise ConfigurationError(f"--per-query: {path} must end in {' or '.join(FORMATS)}.")


def write_rows(path: Path, table: list[dict[str, Any]]) -> None:
    """The rows as the file's name says: CSV with a header, or a JSON list."""
    if path.suffix.lower() == ".json":
        text = json.dumps(table, indent=1, ensure_ascii=False) + "\n"
    else:
        written = io.StringIO(newline="")
        writer = csv.DictWriter(written, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
        text = written.getvalue()
    path.write_text(text, encoding="utf-8", newline="")
