"""Judge products for a query by what is true of them, never by their texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sidecar.shop.catalogue import Catalogue
from sidecar.shop.made import Truth


@dataclass(frozen=True)
class Wish:
    """What a shopper means by a query. What is None or empty does not matter to them."""

    kind: str
    locale: str
    color: str | None = None
    brand: str | None = None
    use: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def label(catalogue: Catalogue, wish: Wish, truth: Truth) -> str:
    """ESCI's label: Exact, Substitute, Complement or Irrelevant.

    Exact: the kind of product, with all that was asked for. Substitute: the kind without something that was
    asked for, or a kind that is taken instead. Complement: an accessory of the kind, or what the wished
    accessory belongs to. A product in another language is irrelevant.
    """
    if truth.locale != wish.locale:
        return "I"
    wanted = catalogue.types[wish.kind]
    if truth.kind == wish.kind:
        return "E" if fulfils(wish, truth) else "S"
    if truth.kind in wanted.near:
        return "S"
    if truth.kind == wanted.fits or catalogue.types[truth.kind].fits == wish.kind:
        return "C"
    return "I"


def fulfils(wish: Wish, truth: Truth) -> bool:
    """Whether a product of the right kind has everything else that was asked for."""
    return (
        wish.color in (None, truth.color)
        and wish.brand in (None, truth.brand)
        and (wish.use is None or wish.use in truth.uses)
        and all(truth.values.get(axis) == value for axis, value in wish.values.items())
    )
