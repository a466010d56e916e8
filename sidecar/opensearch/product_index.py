"""The product index's settings and mapping, from product_index.yml beside this file."""

from importlib import resources
from typing import Any

import yaml


def product_index_body() -> dict[str, Any]:
    """A new copy of the body with which an index of products is created."""
    text = resources.files("sidecar.opensearch").joinpath("product_index.yml").read_text(encoding="utf-8")
    body: dict[str, Any] = yaml.safe_load(text)
    return body
