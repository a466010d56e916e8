"""The section `layout` of a ranking profile: what rules may read, and how far they may go."""

from pydantic import Field

from sidecar.config.strict import Strict


class StructuredData(Strict):
    """Where schema.org's structured data finds what it says of a product. "": the shop has no such field."""

    name: str = "title"
    brand: str = "brand"
    url: str = "url"
    image: str = "image"
    price: str = "price"
    currency: str = Field(default="", description="a field, or three capital letters for all products")
    stock: str = Field(default="stock", description="above 0: schema.org's InStock")
    rating: str = "rating"
    rating_count: str = "rating_count"
    description: str = ""
    group: str = Field(default="", description="what variants of one product share (ProductGroup)")

    def fields(self) -> list[str]:
        """The document fields that it reads."""
        named = self.model_dump()
        if len(self.currency) == 3 and self.currency.isupper():
            named.pop("currency")
        return list(dict.fromkeys(name for name in named.values() if name))


class Layout(Strict):
    """What the layout stage may do for this profile. The rules themselves are published apart."""

    enabled: bool = True
    fields: list[str] = Field(
        default=[], max_length=64, description="document fields that rules read, beside those read anyway"
    )
    clamp: float = Field(
        default=4.0, ge=1, le=100, description="all boosts of a hit together: between 1/clamp and clamp"
    )
    structured_data: StructuredData | None = Field(
        default=None, description="left out: clients that ask for structured data get positions and ids only"
    )
