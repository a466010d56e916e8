"""The official ESCI parquet release is read as it is."""

from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.opensearch.product import Product, Refusal
from sidecar.opensearch.product_files import open_products

ROWS: list[dict[str, Any]] = [
    {
        "product_id": "B01",
        "product_title": "Red shoe",
        "product_description": None,
        "product_bullet_point": "light\nsoft",
        "product_brand": "Acme",
        "product_color": "Red",
        "product_locale": "us",
    },
    {
        "product_id": "B02",
        "product_title": None,
        "product_description": "x",
        "product_bullet_point": None,
        "product_brand": None,
        "product_color": None,
        "product_locale": "us",
    },
    {
        "product_id": "B01",
        "product_title": "赤い靴",
        "product_description": None,
        "product_bullet_point": None,
        "product_brand": None,
        "product_color": None,
        "product_locale": "jp",
    },
]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    path = tmp_path / "shopping_queries_dataset_products.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)
    return path


def test_columns_become_the_canonical_fields(release: Path) -> None:
    first, untitled, repeated = open_products(release)
    assert first == Product(
        1,
        "B01",
        {
            "product_id": "B01",
            "title": "Red shoe",
            "description": None,
            "bullet_points": "light\nsoft",
            "brand": "Acme",
            "color": "Red",
            "locale": "us",
        },
    )
    assert isinstance(untitled, Product)
    assert untitled.document["title"] == ""
    assert repeated == Refusal(3, "`product_id`: already in row 1", "B01")


def test_one_locale_at_a_time(release: Path) -> None:
    rows = list(open_products(release, ["jp"]))
    assert [(row.number, row.id) for row in rows] == [(3, "B01")]


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"id": ["a"]}), path)
    with pytest.raises(ConfigurationError, match="no column product_id, product_title"):
        open_products(path)


def test_a_damaged_file_is_told(release: Path) -> None:
    release.write_bytes(release.read_bytes()[:100])
    with pytest.raises(ConfigurationError, match="not a readable parquet file"):
        open_products(release)
