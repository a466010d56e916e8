"""Trying settings: which combinations, what is told of them, and what is refused before any run."""

import json
from pathlib import Path
from typing import Any

import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.training.errors import TrainingError
from sidecar.training.grid import load_grid, search_grid
from sidecar.training.run import Trained
from sidecar.training.settings import Settings


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def pretend(settings: Settings, folder: Path) -> Trained:
    """A run whose figure is its rank over a hundred, and which diverges at rank 64."""
    if settings.lora.rank == 64:
        raise TrainingError("the run diverges")
    development: dict[str, Any] = {"step": 5, "ndcg@10": settings.lora.rank / 100}
    return Trained(folder, {"development": development, "seconds": 1.0, "steps": 5}, {})


def test_all_combinations_are_run_and_the_best_comes_first(tmp_path: Path) -> None:
    grid = load_grid(
        write(tmp_path / "grid.yml", "lora.rank: [8, 64, 32]\nlosses: [{bce: 1}, {listwise: 1}]\n")
    )
    assert len(grid) == 6
    cells = search_grid(Settings(), grid, tmp_path / "out", pretend)
    assert [cell.changes["lora.rank"] for cell in cells] == [32, 32, 8, 8, 64, 64]
    rows = json.loads((tmp_path / "out" / "grid.json").read_text())
    assert rows[0]["ndcg@10"] == 0.32
    assert rows[-1]["failed"] == "the run diverges"
    table = (tmp_path / "out" / "grid.md").read_text().splitlines()
    assert table[0] == "| folder | `lora.rank` | `losses` | held-out nDCG@10 | steps | seconds |"
    assert len(table) == 8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no keys there"),
        ("lora.rank: 8\n", "`lora.rank`: expected a list of values, found 8"),
        ("seed: [" + ", ".join(map(str, range(100))) + "]\n", "100 combinations; 64 at most"),
    ],
)
def test_a_bad_grid_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(TrainingError, match=told):
        load_grid(write(tmp_path / "grid.yml", text))


def test_a_wrong_key_stops_before_the_first_run(tmp_path: Path) -> None:
    grid = load_grid(write(tmp_path / "grid.yml", "lora.rank: [8]\nlora.ranks: [9]\n"))
    with pytest.raises(ConfigurationError, match=r"unknown key `lora.ranks`. Did you mean `rank`\?"):
        search_grid(Settings(), grid, tmp_path, pretend)
