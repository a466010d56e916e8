"""Writes a fitted blend as the file that a profile names."""

from pathlib import Path

import yaml

from sidecar.config.blend import Blend, load_blend
from sidecar.learning.blend_fit import FittedBlend

HEADER = """\
# A learned blend: what each feature of a hit counts. Written by `reshelf blend fit`; weights may be edited.
# Every feature is standardised over the list and written so that more is better: a weight says how far one
# standard deviation of it moves a hit. `first` orders all hits; `final` orders the best of them again, when
# the cross-encoder has read them (`pair`). What each feature is: docs/relevance.md.
"""


def write_blend(path: Path, fitted: FittedBlend, description: str, provenance: dict[str, object]) -> None:
    """In one step: a sidecar that starts meanwhile never reads half a file. Raises OSError."""
    content = {
        "description": description,
        "provenance": provenance,
        "first": dict(fitted.first),
        "final": dict(fitted.final),
    }
    Blend.model_validate(content)
    scratch = path.with_name(f".{path.name}")
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=108)
    scratch.write_text(HEADER + text, encoding="utf-8")
    scratch.replace(path)
    load_blend(path)
