"""Boost and bury: factors on the score by relevance and taste, scaled over the window."""

from typing import Literal

from pydantic import Field, model_validator

from sidecar.rules.language.exact import Exact
from sidecar.rules.language.given import any_of
from sidecar.rules.language.selecting import Selection
from sidecar.rules.language.words import DocumentId, Expression, FieldName, OneOrMore

Positive = Field(gt=0, le=1e12, allow_inf_nan=False)


class Range(Exact):
    """From nothing at `low` to the whole weight at `high`, linear between (margin, price, popularity).

    `low` above `high`: the lower the better.
    """

    value: Expression = Field(description="a number: a field, or arithmetic over fields")
    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)

    @model_validator(mode="after")
    def _wide(self) -> "Range":
        if self.low == self.high:
            raise ValueError("`low` and `high` are equal: nothing lies between them")
        return self


class Freshness(Exact):
    """The whole weight for what is new; half of it after the half-life, a quarter after two."""

    field: FieldName = Field(description="a date")
    half_life_days: float = Positive


class Stock(Exact):
    """Nothing without stock, the whole weight from `enough` pieces on."""

    field: FieldName = "stock"
    enough: float = Field(default=10, gt=0, le=1e12, allow_inf_nan=False)


class Rating(Exact):
    """The mean rating, shrunk towards `mean` while there are few: (n * rating + prior * mean) / (n + prior).

    `mean` brings nothing, `best` the whole weight; what is rated worse is buried likewise.
    """

    field: FieldName = "rating"
    count: FieldName = "rating_count"
    prior: float = Field(default=20, gt=0, le=1e6, description="so many ratings the mean is worth")
    mean: float = Field(default=3.5, ge=-1e6, le=1e6)
    best: float = Field(default=5.0, ge=-1e6, le=1e6)

    @model_validator(mode="after")
    def _in_order(self) -> "Rating":
        if self.mean >= self.best:
            raise ValueError("`mean` must be below `best`")
        return self


class Engagement(Exact):
    """What shoppers did with the item, once it is known; an item without events gets neither.

    From the bottom of the window's figures to its top. `returns`: shoppers who came back to the results at
    once; fewer are better.
    """

    signal: Literal["clicks", "carts", "purchases", "dwell", "returns"]


FIGURES = ("range", "freshness", "stock", "rating", "engagement")


class Boost(Exact, json_schema_extra=any_of("filter", "ids", *FIGURES)):
    """Hits are raised: the score is multiplied by `weight`, or by as much of it as a figure grants.

    Exactly one of the figures, or a selection alone. With both, the figure counts for the selected hits.
    """

    weight: float = Field(ge=1, le=100, allow_inf_nan=False)
    filter: Expression | None = None
    ids: OneOrMore[DocumentId] | None = None
    range: Range | None = None
    freshness: Freshness | None = None
    stock: Stock | None = None
    rating: Rating | None = None
    engagement: Engagement | None = None

    @model_validator(mode="after")
    def _one_figure(self) -> "Boost":
        many = sum(getattr(self, figure) is not None for figure in FIGURES)
        if many > 1:
            raise ValueError("one figure a boost: `range`, `freshness`, `stock`, `rating` or `engagement`")
        if not many and self.filter is None and self.ids is None:
            raise ValueError("say what is boosted: `filter`, `ids`, or a figure such as `freshness`")
        return self


class Bury(Selection):
    """Hits are lowered: the score is divided by `weight`."""

    weight: float = Field(ge=1, le=100, allow_inf_nan=False)
