"""Make a shop: invented products and judged queries, the same bytes for the same seed."""

import gzip
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

from sidecar.shop.catalogue import load_catalogue
from sidecar.shop.made import Made
from sidecar.shop.products import make_products
from sidecar.shop.queries import Query, make_queries

PRODUCTS_FILE = "products.jsonl.gz"
JUDGMENTS_FILE = "judgments.jsonl"
SEED = 1
PRODUCTS = 2000


@dataclass(frozen=True)
class Shop:
    """The files of a made shop, and what is in them."""

    products: Path
    judgments: Path
    counts: dict[str, Any]


def make_shop(folder: Path, *, seed: int = SEED, products: int = PRODUCTS) -> Shop:
    """Write products.jsonl.gz and judgments.jsonl into `folder`, in the format of `reshelf data load`."""
    made, queries = invent_shop(seed, products)
    folder.mkdir(parents=True, exist_ok=True)
    documents = _lines(product.document for product in made)
    judged = _lines({"query": query.text, "labels": query.labels} for query in queries)
    # Written beside and renamed: whoever reads while we write sees a whole file.
    products_file = _replace(folder / PRODUCTS_FILE, _gzip(documents))
    judgments_file = _replace(folder / JUDGMENTS_FILE, judged)
    return Shop(products_file, judgments_file, _counts(made, queries))


def invent_shop(seed: int = SEED, products: int = PRODUCTS) -> tuple[list[Made], list[Query]]:
    """The products and queries themselves, with what is true of them."""
    catalogue = load_catalogue()
    # Two generators: a change to the queries leaves the products as they are.
    made = make_products(catalogue, Random(f"products {seed}"), products)  # noqa: S311
    return made, make_queries(catalogue, Random(f"queries {seed}"), made)  # noqa: S311


def shop_version(seed: int = SEED, products: int = PRODUCTS) -> str:
    """Twelve hex digits that change when the made shop would."""
    digest = hashlib.sha256(f"{seed} {products}".encode())
    here = Path(str(resources.files("sidecar.shop")))
    for file in sorted([*here.glob("*.py"), *here.rglob("*.yml")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _counts(made: list[Made], queries: list[Query]) -> dict[str, Any]:
    return {
        "products": len(made),
        "locales": dict(sorted(Counter(product.truth.locale for product in made).items())),
        "kinds": len({product.truth.kind for product in made}),
        "queries": len(queries),
        "sorts": dict(Counter(query.sort for query in queries)),
        "labels": dict(
            sorted(Counter(label for query in queries for label in query.labels.values()).items())
        ),
    }


def _lines(objects: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in objects).encode()


def _gzip(content: bytes) -> bytes:
    buffer = io.BytesIO()
    # No file name and no time in the header: they would make the bytes differ.
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()


def _replace(path: Path, content: bytes) -> Path:
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content)
    return partial.replace(path)
