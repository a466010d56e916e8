"""Collapse and diversify: how much the hits of a page are alike."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sidecar.rules.language.exact import Exact
from sidecar.rules.language.given import any_of
from sidecar.rules.language.words import Expression, FieldName, Share


class Collapse(Exact):
    """Of the hits that share a value only one is shown: variants of one product, pages of one seller.

    A pin on any of them counts for whoever is shown in its place. Hits without a value stay.
    """

    field: FieldName
    keep: Literal["best", "lowest", "highest"] = Field(
        default="best", description="best: by score; lowest, highest: by `value`"
    )
    value: Expression | None = Field(default=None, description="a number, for `lowest` and `highest`")

    @model_validator(mode="after")
    def _with_value(self) -> "Collapse":
        if (self.keep == "best") != (self.value is None):
            raise ValueError("`value` goes with `keep: lowest` and `keep: highest`, and only with these")
        return self


Likeness = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


class Mmr(Exact):
    """Marginal relevance: worth against the mean likeness to the hits that stand already, one hit after the
    other (Carbonell and Goldstein 1998; their likeness is to the nearest of them).

    It says which hits are the first; among themselves they stand by relevance. Hits are alike in the fields
    named. The defaults are `make bench-layout`'s choice among single rules: docs/benchmarks.md.
    """

    balance: Share = Field(default=0.6, description="1: relevance alone; 0: variety alone")
    fields: dict[FieldName, Likeness] = Field(
        default={"brand": 1.0, "title": 1.0},
        min_length=1,
        max_length=8,
        description="what makes hits alike, with weights; texts of several words are compared word by word",
    )


class SimilarTexts(Exact):
    """At most `most` hits whose texts are near-duplicates."""

    field: FieldName = "title"
    similarity: Share = Field(default=0.85, description="share of words in common (Jaccard), at least")
    most: int = Field(default=1, ge=1, le=100)


class Quota(Exact):
    """At least so many hits of a kind, as far as there are any."""

    filter: Expression
    least: int = Field(ge=1, le=100)


class Diversify(Exact, json_schema_extra=any_of("mmr", "max_per_field", "max_similar", "quotas")):
    """The first `first` hits are varied: by MMR, by caps, by quotas, or all of them."""

    first: int = Field(default=10, ge=1, le=100)
    mmr: Mmr | None = None
    max_per_field: dict[FieldName, Annotated[int, Field(ge=1, le=100)]] = Field(
        default={}, max_length=8, description="at most so many hits of one value"
    )
    max_similar: SimilarTexts | None = None
    quotas: list[Quota] = Field(default=[], max_length=8)

    @model_validator(mode="after")
    def _something(self) -> "Diversify":
        if self.mmr is None and not self.max_per_field and self.max_similar is None and not self.quotas:
            raise ValueError("give at least one of `mmr`, `max_per_field`, `max_similar`, `quotas`")
        return self
