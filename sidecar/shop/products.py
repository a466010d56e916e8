"""Turn invented products into documents."""

from random import Random
from typing import Any

from sidecar.shop.catalogue import Catalogue
from sidecar.shop.chinese import write_chinese
from sidecar.shop.english import write_english
from sidecar.shop.families import invent
from sidecar.shop.made import CHINESE, Made, Truth


def make_products(catalogue: Catalogue, random: Random, count: int) -> list[Made]:
    """`count` products with their documents; ids tell nothing about them."""
    truths = invent(catalogue, random, count)
    return [
        Made(f"RS{number:06d}", truth, _document(catalogue, random, f"RS{number:06d}", truth))
        for number, truth in enumerate(truths, 1)
    ]


def _document(catalogue: Catalogue, random: Random, product_id: str, truth: Truth) -> dict[str, Any]:
    write = write_chinese if truth.locale == CHINESE else write_english
    texts = write(catalogue, random, truth)
    reviews = int(random.lognormvariate(4.0, 1.8))
    return {
        "product_id": product_id,
        **texts,
        "price": truth.price,
        "rating": round(1 + 4 * random.betavariate(7, 1.8), 1) if reviews else None,
        "rating_count": reviews,
        "stock": 0 if random.random() < 0.08 else int(random.expovariate(1 / 60)) + 1,
        "locale": truth.locale,
        "image": None,
    }
