"""Products and queries: of the sample shop, or of files."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from sidecar.domain.candidate import FieldValues
from sidecar.evaluation.judgments import load_judgments
from sidecar.opensearch.product import Product
from sidecar.opensearch.product_files import open_products
from sidecar.shop.catalogue import load_catalogue
from sidecar.shop.made import ENGLISH
from sidecar.shop.products import make_products
from sidecar.shop.queries import make_queries
from sidecar.simulation.shelf import Asked, Goods

FIELDS = ("title", "brand", "color", "category", "price", "rating", "rating_count")
FEWEST_HITS = 8
ROUNDS_OF_QUERIES = 6
"""The shop asks about each kind of product once; shoppers come back with other words."""


def shop_goods(seed: int, products: int) -> tuple[Goods, list[Asked]]:
    """The sample shop's products, and several rounds of its queries."""
    catalogue = load_catalogue()
    made = make_products(catalogue, Random(f"products {seed}"), products)  # noqa: S311
    goods = Goods([one.id for one in made], [_document(one.document) for one in made])
    place = {one.id: number for number, one in enumerate(made)}
    asked: dict[str, Asked] = {}
    for number in range(ROUNDS_OF_QUERIES):
        for query in make_queries(catalogue, Random(f"queries {seed} {number}"), made):  # noqa: S311
            if query.wish.locale != ENGLISH:
                continue  # a shopper speaks one language
            department = catalogue.department_of[query.wish.kind]
            asked.setdefault(query.text, _asked(query.text, department, query.labels, place))
    return goods, [query for query in asked.values() if len(query.products) >= FEWEST_HITS]


def file_goods(products: Path, judgments: Path) -> tuple[Goods, list[Asked]]:
    """Products and judged queries of files, as `reshelf evaluate` reads them. Raises ConfigurationError."""
    queries = load_judgments(judgments)
    judged = {product for query in queries for product in query.labels}
    rows = [row for row in open_products(products) if isinstance(row, Product) and row.id in judged]
    goods = Goods([row.id for row in rows], [_document(row.document) for row in rows])
    place = {row.id: number for number, row in enumerate(rows)}
    asked = [_asked(query.text, "", query.labels, place) for query in queries]
    return goods, [query for query in asked if len(query.products) >= FEWEST_HITS]


def _asked(text: str, department: str, labels: dict[str, str], place: dict[str, int]) -> Asked:
    known = [product for product in labels if product in place]
    return Asked(
        text,
        department,
        np.array([place[product] for product in known], np.intp),
        [labels[product] for product in known],
    )


def _document(source: dict[str, Any]) -> dict[str, FieldValues]:
    """The fields as the plugin would send them: lists of values, and only those that are there."""
    fields: dict[str, FieldValues] = {}
    for name in FIELDS:
        value = source.get(name)
        if value is not None and value != "" and value != []:
            fields[name] = value if isinstance(value, list) else [value]
    return fields
