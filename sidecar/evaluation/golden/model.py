"""What a file of golden tests holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sidecar.config.strict import Strict
from sidecar.domain.understanding import Intent
from sidecar.rules.language.words import (
    DocumentId,
    FieldName,
    FilterValues,
    OneOrMore,
    Place,
    Word,
    Words,
)

MOST_TESTS = 2000
RuleId = Annotated[str, Field(min_length=1, max_length=64)]


class GoldenHit(Strict):
    """A hit that the first stage found. Without a score it has less than the one before it."""

    id: DocumentId
    score: float | None = Field(default=None, allow_inf_nan=False)
    index: str = ""
    fields: dict[str, Any] = Field(default={})


class Understood(Strict):
    """What the query says, told in place of being read from its words."""

    brand: Words | None = None
    category: Words | None = None
    color: Words | None = None
    size: Words | None = None
    intent: Intent | None = None


class GoldenSearch(Strict):
    """A search: what was asked, by whom, where and when."""

    query: str = Field(
        default="", max_length=2048, description="left out: no words are searched, as on a category page"
    )
    filters: dict[FieldName, FilterValues] = Field(
        default={}, description="what the search is restricted to: to one of these values of each field"
    )
    understood: Understood | None = Field(
        default=None, description="left out: the words are read, with the file's `vocabulary`"
    )
    segment: Words | None = None
    client: str = Field(
        default="", description="the client's id; without it and `user` the shopper is anonymous"
    )
    user: str = ""
    consent: Literal["granted", "denied", "unspecified"] = "unspecified"
    locale: str = ""
    device: str = ""
    channel: str = ""
    application: str = ""
    crawler: bool = False
    time: datetime | None = Field(default=None, description="when; without a zone it is UTC. Default: now")
    experiment: dict[Word, str] = Field(default={})
    index: str = Field(default="", description="as the client named it")
    profile: str = Field(default="", description="the ranking profile")
    sponsored: bool = Field(default=False, description="the client labels ads, and asks for them")


class Expectations(Strict):
    """What must come out. Keys that are left out are not looked at."""

    order: list[DocumentId] | None = Field(default=None, description="the whole list")
    first: list[DocumentId] | None = Field(default=None, description="the list begins so")
    at: dict[DocumentId, Place] = Field(default={}, description="places from 1, by id")
    hidden: OneOrMore[DocumentId] | None = Field(default=None, description="candidates that are not shown")
    shown: OneOrMore[DocumentId] | None = Field(default=None, description="anywhere in the list")
    fetched: list[DocumentId] | None = Field(default=None, description="documents that are brought in")
    acted: OneOrMore[RuleId] | None = Field(default=None, description="these rules did something")
    not_acted: OneOrMore[RuleId] | None = Field(default=None, description="these did nothing")
    metadata: dict[Word, Any] | None = Field(default=None, description="these keys have these values")

    @model_validator(mode="after")
    def _something(self) -> "Expectations":
        if not self.model_fields_set:
            raise ValueError(f"expect something: {', '.join(Expectations.model_fields)}")
        return self


class GoldenTest(Strict):
    """One test. Its hits are a list, the name of one of the file's `hits`, or found in an index."""

    name: str = Field(min_length=1, max_length=200)
    search: GoldenSearch
    hits: list[GoldenHit] | str | None = None
    index: str | None = Field(default=None, description="an index whose hits for the query are taken")
    expect: Expectations

    @model_validator(mode="after")
    def _hits(self) -> "GoldenTest":
        if (self.hits is None) == (self.index is None):
            raise ValueError("give `hits` or `index`, one of the two")
        return self


class GoldenVocabulary(Strict):
    """Names that queries are read with, as `reshelf vocabulary build` finds them in an index."""

    brand: list[Word] = Field(default=[])
    category: list[Word] = Field(default=[])
    color: list[Word] = Field(default=[])
    size: list[Word] = Field(default=[])


class GoldenFile(Strict):
    """A file below `tests/` of the rules folder."""

    description: str = ""
    vocabulary: GoldenVocabulary = GoldenVocabulary()
    hits: dict[Word, list[GoldenHit]] = Field(default={})
    tests: list[GoldenTest] = Field(min_length=1, max_length=MOST_TESTS)

    @model_validator(mode="after")
    def _named(self) -> "GoldenFile":
        names = [test.name for test in self.tests]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the name {twice!r} is there twice")
        for test in self.tests:
            if isinstance(test.hits, str) and test.hits not in self.hits:
                known = ", ".join(self.hits) or "none"
                raise ValueError(f"test {test.name!r}: no `hits` are named {test.hits!r}. There are: {known}")
        return self

    def hits_of(self, test: GoldenTest) -> Sequence[GoldenHit]:
        """A test's own hits, or those that it names."""
        return self.hits[test.hits] if isinstance(test.hits, str) else test.hits or []
