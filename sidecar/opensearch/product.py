"""One product as OpenSearch holds it: the canonical document, checked before it is sent."""

import json
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_ID_BYTES = 512  # OpenSearch's own limit of an _id

Text = Annotated[str | list[str] | None, Field()]
Amount = Annotated[float | None, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int | None, Field(ge=0, lt=2**63)]


class ProductDocument(BaseModel):
    """The fields that the index knows. Further fields are kept and indexed as OpenSearch sees fit."""

    model_config = ConfigDict(extra="allow", strict=True)

    product_id: str = Field(min_length=1)
    title: str
    description: Text = None
    bullet_points: Text = None
    brand: Text = None
    color: Text = None
    category: Text = None
    price: Amount = None
    rating: Amount = None
    rating_count: Count = None
    stock: Count = None
    locale: str | None = None
    image: Text = None


@dataclass(frozen=True, slots=True)
class Product:
    """A good row: its number in the file (lines and rows count from 1), its id and the document."""

    number: int
    id: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not loaded, and why."""

    number: int
    reason: str
    id: str | None = None


def check_product(number: int, document: object) -> Product | Refusal:
    """The product in row `number`, or what is wrong with it."""
    if not isinstance(document, dict):
        return Refusal(number, f"expected an object with product fields, found {type(document).__name__}")
    raw_id = document.get("product_id")
    known_id = raw_id if isinstance(raw_id, str) and raw_id.isprintable() else None
    try:
        product = ProductDocument.model_validate(document)
    except ValidationError as error:
        # A field may be wrong in several ways (no text, no list of texts); one sentence is enough.
        wrong = {details["loc"][:1]: _sentence(details) for details in reversed(error.errors())}
        return Refusal(number, "; ".join(reversed(wrong.values())), known_id)
    if problem := _unsendable(document):
        return Refusal(number, problem, known_id)
    if len(product.product_id.encode()) > MAX_ID_BYTES:
        return Refusal(number, f"`product_id`: longer than {MAX_ID_BYTES} bytes")
    if not product.product_id.strip():
        return Refusal(number, "`product_id`: blank")
    return Product(number, product.product_id, document)


def _sentence(details: Any) -> str:
    field = str(details["loc"][0]) if details["loc"] else "document"
    if details["type"] == "missing":
        return f"`{field}`: missing"
    found = details["input"]
    shown = repr(found) if len(repr(found)) <= 40 else type(found).__name__
    if len(details["loc"]) > 1 or details["type"] in ("string_type", "list_type"):
        return f"`{field}`: expected text, found {shown}"
    return f"`{field}`: {details['msg'][0].lower()}{details['msg'][1:]}, found {shown}"


def _unsendable(document: dict[str, Any]) -> str | None:
    """JSON can spell half a character (a lone surrogate), which no UTF-8 request can carry."""
    if _is_utf8(document):
        return None
    field = next(field for field, value in document.items() if not _is_utf8({field: value}))
    return f"`{field.encode('utf-8', 'replace').decode()}`: not valid Unicode (a lone surrogate)"


def _is_utf8(document: dict[str, Any]) -> bool:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
