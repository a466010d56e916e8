"""The official release of ESCI's products: shopping_queries_dataset_products.parquet."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pyarrow.compute
import pyarrow.parquet

from sidecar.config.errors import ConfigurationError
from sidecar.opensearch.product import Product, Refusal, check_product
from sidecar.opensearch.product_files import only_first

COLUMNS = {
    "product_id": "product_id",
    "product_title": "title",
    "product_description": "description",
    "product_bullet_point": "bullet_points",
    "product_brand": "brand",
    "product_color": "color",
    "product_locale": "locale",
}
REQUIRED = ("product_id", "product_title")


class EsciRelease:
    """The rows of the release, one product each; ids repeat between locales, so choose one to be safe."""

    def __init__(self, path: Path, locales: tuple[str, ...] = ()) -> None:
        try:
            self._file = pyarrow.parquet.ParquetFile(path)
        except (OSError, pyarrow.ArrowException) as error:
            raise ConfigurationError(f"{path}: not a readable parquet file: {error}") from error
        present = set(self._file.schema_arrow.names)
        missing = [name for name in REQUIRED if name not in present]
        if missing:
            raise ConfigurationError(
                f"{path}: no column {', '.join(missing)}. The ESCI release has {', '.join(COLUMNS)}."
            )
        if locales and "product_locale" not in present:
            raise ConfigurationError(f"{path}: no column product_locale to choose a locale by.")
        self.path = path
        self._columns = [name for name in COLUMNS if name in present]
        self._locales = frozenset(locales)
        self.total = self._file.metadata.num_rows
        self.done = 0

    def __iter__(self) -> Iterator[Product | Refusal]:
        return only_first(self._rows())

    def _rows(self) -> Iterator[Product | Refusal]:
        number = 0
        for batch in self._file.iter_batches(batch_size=2000, columns=self._columns):
            for row in batch.to_pylist():
                number += 1
                if self._locales and row["product_locale"] not in self._locales:
                    continue
                # The release leaves what a product has not as null; a title is text in any case.
                document = {COLUMNS[name]: value for name, value in row.items()}
                document["title"] = document["title"] if document["title"] is not None else ""
                yield check_product(number, document)
            self.done = number
