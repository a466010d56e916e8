"""The card beside what was trained: what it is, what it was made from and how, for machines and people."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sidecar import __version__
from sidecar.training.settings import Settings

FORMAT = 1
PACKAGES = ("torch", "transformers", "peft", "tokenizers", "numpy")
NOTES = {
    "minilm-l6": "Base: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0.",
}
LIMITS = (
    "Scores order the hits of one query; they are no probabilities until they are calibrated.",
    "What is not in the sources below was not learned: other languages, other kinds of shops.",
)


def make_card(
    settings: Settings,
    *,
    base_source: str,
    base_sha256: str,
    data: Mapping[str, Any],
    curve: Sequence[Mapping[str, Any]],
    best: Mapping[str, float] | None,
    steps: int,
    seconds: float,
    document: Mapping[str, Any],
) -> dict[str, Any]:
    """All that is known about a finished run, as JSON."""
    return {
        "format": FORMAT,
        "kind": "cross-encoder",
        "tuning": settings.tuning,
        "base": base_source,
        "base_sha256": base_sha256,
        "made": datetime.now(UTC).date().isoformat(),
        "settings": settings.model_dump(mode="json", exclude_none=True),
        "document": dict(document),
        "data": dict(data),
        "steps": steps,
        "seconds": round(seconds),
        "development": dict(best) if best else None,
        "curve": [dict(point) for point in curve],
        "versions": {"reshelf": __version__, **{name: _version(name) for name in PACKAGES}},
        "licence": NOTES.get(settings.base, "The base's own licence applies.")
        + " The data's licence applies to what was learned from it.",
        "limits": list(LIMITS),
    }


def write_card(card: Mapping[str, Any], folder: Path) -> None:
    """card.json and card.md."""
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    (folder / "card.json").write_text(text, encoding="utf-8")
    (folder / "card.md").write_text(as_markdown(card), encoding="utf-8")


def as_markdown(card: Mapping[str, Any]) -> str:
    """The card for people."""
    settings = card["settings"]
    how = "LoRA" if card["tuning"] == "lora" else "Full"
    minutes = round(card["seconds"] / 60)
    separator = card["document"]["separator"].strip() or " "
    fields = f" {separator} ".join(card["document"]["fields"])
    lines = [
        f"# A {card['kind']} for re-ranking products",
        "",
        f"{how} tuning of `{card['base']}`, {card['steps']} steps in {minutes} minutes, on {card['made']}.",
        "",
        "## Data",
        "",
        "| source | counts |",
        "|---|---|",
        *(f"| {name} | {_counts(counts)} |" for name, counts in card["data"].items()),
        "",
        "## Settings",
        "",
        f"The model reads {fields}, in pairs of at most {settings['max_length']} tokens.",
        "",
        "```json",
        json.dumps({key: settings[key] for key in settings if key != "sources"}, ensure_ascii=False),
        json.dumps(settings["sources"], ensure_ascii=False),
        "```",
        "",
        "## Figures",
        "",
        *_figures(card),
        "",
        "## Licence and limits",
        "",
        card["licence"],
        "",
        *(f"- {limit}" for limit in card["limits"]),
        "",
        f"Weights of the base: SHA-256 `{card['base_sha256']}`.",
        f"Made with {', '.join(f'{name} {found}' for name, found in card['versions'].items())}.",
    ]
    return "\n".join(lines) + "\n"


def _counts(counts: Any) -> str:
    if not isinstance(counts, dict):
        return str(counts)
    shown = {key: f"`{value[:12]}…`" if key == "sha256" else value for key, value in counts.items()}
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in shown.items())


def _figures(card: Mapping[str, Any]) -> list[str]:
    lines = []
    losses = [point for point in card["curve"] if "loss" in point]
    if losses:
        first, last = losses[0], losses[-1]
        lines.append(f"Loss {first['loss']:.3f} at step {first['step']}, {last['loss']:.3f} at the end.")
    if card["development"]:
        found = card["development"]
        lines.append(f"Best nDCG@10 on held-out queries: {found['ndcg@10']:.4f} at step {found['step']:.0f}.")
    measured = card.get("measured") or {}
    lines += [f"- {name}: {value}" for name, value in measured.items()]
    return lines or ["Nothing was held out."]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
