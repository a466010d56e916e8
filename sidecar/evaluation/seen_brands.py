"""Which brands a model was trained on."""

import json
from pathlib import Path

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.query_text import same_words

KEY = "brands"


def load_seen_brands(path: Path) -> frozenset[str]:
    """The brands of a text file, one a line, or of a training's card.json (`"brands": […]`), normalised.

    Raises ConfigurationError.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = json.loads(text).get(KEY) if path.suffix.lower() == ".json" else text.splitlines()
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"--seen-brands: {path}: cannot be read: {error}") from error
    if not isinstance(found, list) or not all(isinstance(brand, str) for brand in found):
        raise ConfigurationError(f"--seen-brands: {path}: has no list `{KEY}` of names.")
    brands = frozenset(same_words(brand) for brand in found if brand.strip())
    if not brands:
        raise ConfigurationError(f"--seen-brands: {path}: names no brand.")
    return brands
