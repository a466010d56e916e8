"""The model card's evaluation: what was measured, on what, by which versions, as JSON, Markdown and plots.

A folder may hold the card of a training already: the evaluation is written into it, under a key and a
heading of its own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sidecar import __version__
from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.card_text import card_text
from sidecar.evaluation.plots import draw_plots
from sidecar.evaluation.report import Report

CARD_JSON = "card.json"
CARD_MARKDOWN = "card.md"
KEY = "evaluation"
BEGIN, END = "<!-- evaluation: begin -->", "<!-- evaluation: end -->"


@dataclass(frozen=True)
class MeasuredOn:
    """The data: each file's name, SHA-256 and number of rows, and how queries were drawn of them."""

    judgments: Mapping[str, Any]
    products: Mapping[str, Any]
    sample: int | None
    seed: int


def check_folder(folder: Path) -> None:
    """Minutes of measuring must not end at a card that cannot be written. Raises ConfigurationError."""
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"--card: {folder} is a file. Name a folder.")
    _there(folder)


def write_card(folder: Path, report: Report, on: MeasuredOn, *, today: date | None = None) -> None:
    """Write card.json, card.md and the plots into `folder`; the same but for the date if measured again."""
    there = _there(folder)
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "date": (today or date.today()).isoformat(),  # noqa: DTZ011 - the day where it is measured
        "reshelf": __version__,
        "data": {
            "judgments": dict(on.judgments),
            "products": dict(on.products),
            "sample": on.sample,
            "seed": on.seed,
        },
        # Without the queries' words: a card travels with its model, and shoppers wrote them.
        **{key: value for key, value in report.to_json().items() if key not in ("wins", "losses")},
    }
    plots = draw_plots(folder, report)
    _write(folder / CARD_JSON, json.dumps({**there, KEY: figures}, indent=1, ensure_ascii=False) + "\n")
    _write(folder / CARD_MARKDOWN, _placed(folder / CARD_MARKDOWN, card_text(figures, plots)))


def _there(folder: Path) -> dict[str, Any]:
    """What the card holds already. Raises ConfigurationError rather than overwriting what it cannot read."""
    path = folder / CARD_JSON
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}. Mend or remove it.") from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path}: is no model card. Name another folder with --card.")
    return found


def _placed(path: Path, text: str) -> str:
    """The Markdown with this evaluation in the place of an earlier one, or behind what is there."""
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    before, begin, rest = there.partition(BEGIN)
    after = rest.partition(END)[2] if begin else "\n"
    return f"{before.rstrip()}\n\n{BEGIN}\n{text}\n{END}{after}".lstrip()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
