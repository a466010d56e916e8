"""Tries all combinations of a few settings and tells which did best on the held-out queries."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.config.yaml_file import read_yaml
from sidecar.training.errors import TrainingError
from sidecar.training.run import Trained
from sidecar.training.settings import Settings

MOST = 64


@dataclass(frozen=True)
class Cell:
    """One combination: its settings by dotted key, and what came of it, or why nothing did."""

    name: str
    changes: Mapping[str, Any]
    development: float | None = None
    seconds: float = 0.0
    steps: int = 0
    failed: str | None = None


def load_grid(path: Path) -> list[dict[str, Any]]:
    """The combinations of a YAML file of `dotted.key: [values]`. Raises ConfigurationError."""
    axes = read_yaml(path)
    if not axes:
        raise TrainingError(f"{path}: no keys there. Example: `lora.rank: [8, 16]`.")
    for key, values in axes.items():
        if not isinstance(values, list) or not values:
            raise TrainingError(f"{path}: `{key}`: expected a list of values, found {values!r}.")
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > MOST:
        raise TrainingError(f"{path}: {count} combinations; {MOST} at most. Leave values out.")
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


def search_grid(
    settings: Settings,
    combinations: Sequence[Mapping[str, Any]],
    output: Path,
    run: Callable[[Settings, Path], Trained],
) -> list[Cell]:
    """Runs every combination into `output`/<number> and writes grid.json and grid.md, best first.

    All settings are checked before the first run. A run that diverges is told in its row. Raises
    TrainingError where nothing is held out to choose by.
    """
    variants = [settings.changed(dict(changes), f"grid {changes}") for changes in combinations]
    cells: list[Cell] = []
    for number, (changes, variant) in enumerate(zip(combinations, variants, strict=True), 1):
        name = f"{number:02d}"
        try:
            trained = run(variant, output / name)
        except TrainingError as error:
            cells.append(Cell(name, changes, failed=str(error)))
        else:
            card = trained.card
            cells.append(Cell(name, changes, trained.development, card["seconds"], card["steps"]))
        cells.sort(key=lambda cell: -(cell.development if cell.development is not None else -1))
        _write(cells, output)
    if all(cell.development is None for cell in cells):
        raise TrainingError(
            f"{output / 'grid.md'}: no run has a figure on held-out queries: raise stopping.share, give "
            f"--stop-by, or see why they failed: {cells[0].failed or 'nothing was held out'}"
        )
    return cells


def _write(cells: Sequence[Cell], output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "folder": cell.name,
            "settings": dict(cell.changes),
            "ndcg@10": cell.development,
            "steps": cell.steps,
            "seconds": cell.seconds,
            "failed": cell.failed,
        }
        for cell in cells
    ]
    (output / "grid.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (output / "grid.md").write_text(as_markdown(cells), encoding="utf-8")


def as_markdown(cells: Sequence[Cell]) -> str:
    """A table, best first."""
    keys = list(cells[0].changes)
    head = ["folder", *(f"`{key}`" for key in keys), "held-out nDCG@10", "steps", "seconds"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for cell in cells:
        figure = f"{cell.development:.4f}" if cell.development is not None else cell.failed or "–"
        values = [
            cell.name,
            *(str(cell.changes[key]) for key in keys),
            figure,
            cell.steps,
            round(cell.seconds),
        ]
        lines.append(f"| {' | '.join(str(value).replace('|', '/') for value in values)} |")
    return "\n".join(lines) + "\n"
