"""A document as a schema.org Product."""

import math
import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from sidecar.config.layout import StructuredData
from sidecar.domain.candidate import Candidate

Json = dict[str, Any]

IN_STOCK, OUT_OF_STOCK = "https://schema.org/InStock", "https://schema.org/OutOfStock"
CURRENCY = re.compile(r"[A-Z]{3}")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
LONGEST_DESCRIPTION = 5000
WORST, BEST = 1.0, 5.0
"""The scale that search engines take ratings to be of where nothing else is said."""


def product_of(candidate: Candidate, named: StructuredData) -> Json:
    """The Product; what is not known, or cannot be true (a negative price, a script for an address), is left
    out. At the least it has `@type` and `productID`."""
    product: Json = {"@type": "Product", "productID": candidate.id}
    if name := _text(candidate, named.name):
        product["name"] = name
    if description := _without_markup(_text(candidate, named.description)):
        product["description"] = description[:LONGEST_DESCRIPTION]
    if brand := _text(candidate, named.brand):
        product["brand"] = {"@type": "Brand", "name": brand}
    if url := _address(candidate, named.url):
        product["url"] = url
    if image := _address(candidate, named.image):
        product["image"] = image
    if offer := _offer(candidate, named, url):
        product["offers"] = offer
    if rating := _rating(candidate, named):
        product["aggregateRating"] = rating
    return product


def _offer(candidate: Candidate, named: StructuredData, url: str) -> Json | None:
    """None without a price and its currency: search engines refuse an offer that lacks one of them."""
    price = _number(candidate, named.price)
    literal = bool(CURRENCY.fullmatch(named.currency))
    currency = named.currency if literal else _text(candidate, named.currency).upper()
    if price is None or price < 0 or not CURRENCY.fullmatch(currency):
        return None
    offer: Json = {"@type": "Offer", "price": _short(price), "priceCurrency": currency}
    available = in_stock(candidate, named)
    if available is not None:
        offer["availability"] = IN_STOCK if available else OUT_OF_STOCK
    if url:
        offer["url"] = url
    return offer


def in_stock(candidate: Candidate, named: StructuredData) -> bool | None:
    """Whether it can be bought; None where its stock is not known."""
    stock = _number(candidate, named.stock)
    return None if stock is None else stock > 0


def _rating(candidate: Candidate, named: StructuredData) -> Json | None:
    """None without ratings: a product that nobody rated has no mean."""
    value, count = _number(candidate, named.rating), _number(candidate, named.rating_count)
    if value is None or count is None or count < 1 or not WORST <= value <= BEST:
        return None
    return {"@type": "AggregateRating", "ratingValue": _short(value), "ratingCount": int(count)}


def _text(candidate: Candidate, field: str) -> str:
    values = candidate.fields.get(field, ()) if field else ()
    return next((text for value in values if (text := " ".join(str(value).split()))), "")


def _without_markup(text: str) -> str:
    """Search engines read descriptions as they stand, tags and entities with them."""
    return " ".join(unescape(TAG.sub(" ", text)).split())


def _address(candidate: Candidate, field: str) -> str:
    """An absolute address of the web. Others mean nothing outside the shop's own pages, or do harm there."""
    text = _text(candidate, field)
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc and " " not in text else ""


def _number(candidate: Candidate, field: str) -> float | None:
    value = next(iter(candidate.fields.get(field, ())), None) if field else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _short(number: float) -> float | int:
    """49 for 49.0, and no 19.989999771118164, which is how a 32-bit field comes back."""
    rounded = round(number, 4)
    return int(rounded) if rounded == int(rounded) else rounded
