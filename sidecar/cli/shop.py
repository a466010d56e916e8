"""`reshelf shop`: a shop of our own, to try and to measure with."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sidecar.cli.opensearch_target import told_problems

if TYPE_CHECKING:
    from sidecar.shop.shop import Shop


def register(app: typer.Typer) -> None:
    """Add the commands to `reshelf`."""
    shop = typer.Typer(no_args_is_help=True, help="Make a shop of invented products with judged queries.")
    shop.command("make")(make)
    app.add_typer(shop, name="shop")


def make(
    output: Annotated[Path, typer.Option(metavar="DIR", help="Where products and judgments are written.")],
    seed: Annotated[int, typer.Option(help="The same seed makes the same shop.")] = 1,
    products: Annotated[int, typer.Option(min=200, max=1_000_000, help="How many products.")] = 2000,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON on stdout.")] = False,
) -> None:
    """Write products.jsonl.gz and judgments.jsonl of an invented shop, in English and Chinese.

    Example: `reshelf shop make --output shop`

    The judgments follow from how the products were made: what kind they are, their colour and attributes.
    """
    with told_problems():
        from sidecar.config.errors import ConfigurationError
        from sidecar.shop.shop import make_shop

        try:
            shop = make_shop(output, seed=seed, products=products)
        except OSError as error:
            raise ConfigurationError(f"{output}: cannot be written: {error.strerror}.") from error
    if as_json:
        files = {"products_file": str(shop.products), "judgments_file": str(shop.judgments)}
        typer.echo(json.dumps({**files, **shop.counts}, ensure_ascii=False))
        return
    typer.echo(f"{shop.counts['products']:,} products in {shop.products}")
    typer.echo(f"{shop.counts['queries']} judged queries in {shop.judgments}")


def sample_shop(products: int = 2000) -> "Shop":
    """The shop that demo and bench use, made once and kept in the cache until the generator changes."""
    from sidecar.shop.shop import JUDGMENTS_FILE, PRODUCTS_FILE, Shop, make_shop, shop_version
    from sidecar.stack.paths import cache_folder

    folder = cache_folder() / "shop" / shop_version(products=products)
    files = folder / PRODUCTS_FILE, folder / JUDGMENTS_FILE
    if all(file.is_file() for file in files):
        return Shop(*files, {})
    return make_shop(folder, products=products)
