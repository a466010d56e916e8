"""What is true of a made product. Texts are written from it, and judgments follow from it."""

from dataclasses import dataclass
from typing import Any

ENGLISH = "en-GB"
CHINESE = "zh-CN"


@dataclass(frozen=True)
class Truth:
    """A product before anything is written about it. `values` is the attribute value by axis."""

    kind: str
    locale: str
    brand: str
    model: str
    color: str
    values: dict[str, str]
    uses: tuple[str, ...]
    price: float


@dataclass(frozen=True)
class Made:
    """A product: what is true of it, and the document that a shop would index."""

    id: str
    truth: Truth
    document: dict[str, Any]
