"""The products that a run may speak of: their fields, and their text as the model reads it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sidecar.config.profile import DocumentText
from sidecar.domain.candidate import FieldValues
from sidecar.opensearch.product import Product, Refusal
from sidecar.opensearch.product_files import open_products
from sidecar.opensearch.query import TUNED_WEIGHTS
from sidecar.ranking.relevance.document_text import document_text
from sidecar.training.bm25 import Bm25
from sidecar.training.errors import TrainingError


@dataclass(frozen=True)
class Catalogue:
    """Products in the file's order. `texts[i]` is what the model reads of `products[i]`."""

    products: Sequence[Product]
    texts: Sequence[str]
    refusals: Sequence[Refusal] = ()
    place: Mapping[str, int] = field(default_factory=dict)

    def __contains__(self, product_id: object) -> bool:
        return product_id in self.place

    def __len__(self) -> int:
        return len(self.products)

    def text_of(self, product_id: str) -> str:
        """What the model reads of a product."""
        return self.texts[self.place[product_id]]

    def field(self, place: int, name: str) -> str:
        """One field of a product as text; several values are joined by spaces, none are empty."""
        return " ".join(str(value) for value in _values(self.products[place].document.get(name)))

    @cached_property
    def bm25(self) -> Bm25:
        """The first stage over these products, made when first asked for."""
        documents = [
            {name: self.field(place, name) for name in TUNED_WEIGHTS} for place in range(len(self.products))
        ]
        return Bm25(documents)


def load_catalogue(path: Path, document: DocumentText, locales: Iterable[str] = ()) -> Catalogue:
    """The products of a file that `reshelf data load` takes. Raises ConfigurationError if there are none."""
    products: list[Product] = []
    refusals: list[Refusal] = []
    for row in open_products(path, locales):
        if isinstance(row, Product):
            products.append(row)
        else:
            refusals.append(row)
    if not products:
        first = f" The first: row {refusals[0].number}: {refusals[0].reason}." if refusals else ""
        raise TrainingError(f"{path}: no good product among {len(refusals)} rows.{first}")
    return make_catalogue(products, document, refusals)


def make_catalogue(
    products: Sequence[Product], document: DocumentText, refusals: Sequence[Refusal] = ()
) -> Catalogue:
    """The catalogue of products that were read already."""
    texts = [document_text(_fields(product.document), document) for product in products]
    place = {product.id: number for number, product in enumerate(products)}
    return Catalogue(products, texts, refusals, place)


def _fields(document: Mapping[str, Any]) -> dict[str, FieldValues]:
    """The fields as a sidecar would get them from OpenSearch: always lists, nothing for null."""
    return {name: values for name, value in document.items() if (values := _values(value))}


def _values(value: object) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list) else [value]
