"""When a rule holds: all keys of `when` must, one value of each is enough."""

from pydantic import Field, model_validator

from sidecar.rules.language.exact import Exact
from sidecar.rules.language.given import SOMETHING
from sidecar.rules.language.words import (
    FieldName,
    FilterValues,
    IntentName,
    OneOrMore,
    Share,
    Word,
    Words,
)


class QueryCondition(Exact, json_schema_extra=SOMETHING):
    """What the query's words say. Compared as queries are: case, accents and plurals do not count."""

    exact: Words | None = Field(default=None, description="the whole query")
    starts_with: Words | None = Field(default=None, description="the query's first words")
    contains: Words | None = Field(default=None, description="these words, one after the other, anywhere")
    words: OneOrMore[Word] | None = Field(default=None, description="all of these words, in any order")
    longest: int | None = Field(default=None, ge=1, le=100, description="at most so many words")

    @model_validator(mode="after")
    def _something(self) -> "QueryCondition":
        if not self.model_dump(exclude_none=True):
            raise ValueError("give at least one of `exact`, `starts_with`, `contains`, `words`, `longest`")
        return self


class TopCategory(Exact):
    """One value that the best hits share."""

    field: FieldName = "category"
    value: Words | None = Field(default=None, description="left out: whichever is most frequent")
    share: Share = Field(default=0.5, description="of the first hits, at least")
    first: int = Field(default=10, ge=1, le=100)


class ResultCondition(Exact, json_schema_extra=SOMETHING):
    """What the hits are like, in the order by relevance."""

    at_least: int | None = Field(default=None, ge=0, le=10_000, description="hits in the window")
    at_most: int | None = Field(default=None, ge=0, le=10_000, description="hits in the window")
    top: TopCategory | None = Field(default=None, description="a value that the best hits share")

    @model_validator(mode="after")
    def _possible(self) -> "ResultCondition":
        if self.at_least is None and self.at_most is None and self.top is None:
            raise ValueError("give at least one of `at_least`, `at_most`, `top`")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"`at_least` {self.at_least} is above `at_most` {self.at_most}: never true")
        return self


class When(Exact):
    """All keys must hold; of a list one value is enough. Empty: every search."""

    query: QueryCondition | None = None
    brand: Words | None = Field(default=None, description="a brand that the query names")
    category: Words | None = Field(default=None, description="a category that the query names")
    color: Words | None = Field(default=None, description="a color that the query names")
    size: Words | None = Field(default=None, description="a size that the query names")
    intent: OneOrMore[IntentName] | None = Field(default=None, description="what the shopper is after")
    result: ResultCondition | None = None
    filter: dict[FieldName, FilterValues] | None = Field(
        default=None,
        min_length=1,
        max_length=16,
        description="what the search is restricted to, by field: every hit has one of these values",
    )
    browse: bool | None = Field(default=None, description="no words are searched, as on a category page")
    index: Words | None = Field(default=None, description="as the client named it; `*` for any characters")
    profile: Words | None = Field(default=None, description="the ranking profile")
    segment: Words | None = Field(default=None, description="one of the shopper's segments")
    locale: Words | None = Field(default=None, description="`en` holds for en-GB as well")
    device: Words | None = None
    channel: Words | None = None
    application: Words | None = None
    crawler: bool | None = None
    anonymous: bool | None = Field(default=None, description="the shopper told no id, or denied consent")
    experiment: dict[Word, Words] | None = Field(
        default=None, min_length=1, max_length=16, description="the arm of each experiment"
    )
    any: list["When"] | None = Field(
        default=None, min_length=1, max_length=100, description="one of these must hold as well"
    )
    none: list["When"] | None = Field(
        default=None, min_length=1, max_length=100, description="none of these may hold"
    )
