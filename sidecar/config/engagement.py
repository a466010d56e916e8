"""The section `engagement`: what all shoppers together do with items."""

from pydantic import Field

from sidecar.config.strict import Strict


class Prior(Strict):
    """How many observations the prior of a rate is worth."""

    clicks: float = Field(default=20, gt=0, le=1e6, description="in examined impressions")
    carts: float = Field(default=10, gt=0, le=1e6, description="in clicks")
    purchases: float = Field(default=20, gt=0, le=1e6, description="in clicks")
    returns: float = Field(default=10, gt=0, le=1e6, description="in clicks")
    dwell: float = Field(default=5, gt=0, le=1e6, description="in visits")


class Engagement(Strict):
    """Figures of items, of traits (brands, categories) for items that are new, and of items for a query.

    All decay: a figure is worth half after a half-life, so they are windows without an edge. An item's rate
    is drawn towards its traits' and theirs to that of the whole shop.
    """

    enabled: bool = True
    short_days: float = Field(default=7, gt=0, le=3650, description="half-life of the short window")
    long_days: float = Field(default=60, gt=0, le=3650, description="half-life of the long one")
    keep_days: float = Field(default=180, gt=0, le=3650, description="without any event; then it is gone")
    prior_traits: tuple[str, ...] = Field(
        default=("brand", "category"), description="attributes of `personalization` new items borrow from"
    )
    prior: Prior = Prior()
    page_close_seconds: float = Field(
        default=300, gt=0, le=86_400, description="after a page's last event its impressions are counted"
    )
    return_seconds: float = Field(
        default=15, ge=0, le=3600, description="who clicks the next hit that soon has come back from the last"
    )
    flush_ms: float = Field(default=2000, gt=0, le=60_000, description="between writes of figures")
    refresh_ms: float = Field(default=10_000, gt=0, le=3_600_000, description="how old read figures may be")
    cached_items: int = Field(default=200_000, ge=100, le=50_000_000, description="figures kept in memory")
