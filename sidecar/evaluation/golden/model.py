"""What a file of golden tests holds."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from sidecar.rules.language.exact import Exact
from sidecar.rules.language.moment import Moment
from sidecar.rules.language.words import (
    DocumentId,
    FieldName,
    FilterValues,
    IntentName,
    OneOrMore,
    Place,
    Word,
    Words,
)

MOST_TESTS = 2000
RuleId = Annotated[str, Field(min_length=1, max_length=64)]


class GoldenHit(Exact):
    """A hit that the first stage found. Without a score it has less than the one before it."""

    id: DocumentId
    score: float | None = Field(default=None, allow_inf_nan=False)
    index: str = ""
    fields: dict[str, Any] = Field(default={})


class Understood(Exact):
    """What the query says, told in place of being read from its words."""

    brand: Words | None = None
    category: Words | None = None
    color: Words | None = None
    size: Words | None = None
    intent: IntentName | None = None


class GoldenSearch(Exact):
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
    time: Moment | None = Field(default=None, description="when; without a zone it is UTC. Default: now")
    experiment: dict[Word, str] = Field(default={})
    index: str = Field(default="", description="as the client named it")
    profile: str = Field(default="", description="the ranking profile")
    sponsored: bool = Field(default=False, description="the client labels ads, and asks for them")


class Expectations(Exact):
    """What must come out. Keys that are left out are not looked at."""

    order: list[DocumentId] | None = Field(default=None, description="the whole list")
    first: list[DocumentId] | None = Field(default=None, min_length=1, description="the list begins so")
    at: dict[DocumentId, Place] = Field(default={}, min_length=1, description="places from 1, by id")
    hidden: OneOrMore[DocumentId] | None = Field(default=None, description="candidates that are not shown")
    shown: OneOrMore[DocumentId] | None = Field(default=None, description="anywhere in the list")
    fetched: list[DocumentId] | None = Field(default=None, description="documents that are brought in")
    acted: OneOrMore[RuleId] | None = Field(default=None, description="these rules did something")
    not_acted: OneOrMore[RuleId] | None = Field(default=None, description="these did nothing")
    metadata: dict[Word, Any] | None = Field(
        default=None, min_length=1, description="these keys have these values"
    )

    @model_validator(mode="after")
    def _something(self) -> "Expectations":
        if not self.model_fields_set:
            raise ValueError(f"expect something: {', '.join(Expectations.model_fields)}")
        return self


def _list_or_name(written: Any) -> str:
    return "name" if isinstance(written, str) else "list"


HitsOrName = Annotated[
    Annotated[list[GoldenHit], Tag("list")] | Annotated[str, Tag("name")], Discriminator(_list_or_name)
]
"""Told apart first, so that what is wrong with a list is not told of a name as well."""


class GoldenTest(Exact):
    """One test. Its hits are a list, the name of one of the file's `hits`, or found in an index."""

    name: str = Field(min_length=1, max_length=200)
    search: GoldenSearch
    hits: HitsOrName | None = None
    index: str | None = Field(default=None, description="an index whose hits for the query are taken")
    expect: Expectations

    @model_validator(mode="after")
    def _hits(self) -> "GoldenTest":
        if (self.hits is None) == (self.index is None):
            raise ValueError("give `hits` or `index`, one of the two")
        return self


class GoldenVocabulary(Exact):
    """Names that queries are read with, as `reshelf vocabulary build` finds them in an index."""

    brand: list[Word] = Field(default=[])
    category: list[Word] = Field(default=[])
    color: list[Word] = Field(default=[])
    size: list[Word] = Field(default=[])


class GoldenFile(Exact):
    """A file below `tests/` of the rules folder."""

    description: str = ""
    vocabulary: GoldenVocabulary = GoldenVocabulary()
    hits: dict[Word, list[GoldenHit]] = Field(default={})
    tests: list[GoldenTest] = Field(min_length=1, max_length=MOST_TESTS)

    def hits_of(self, test: GoldenTest) -> Sequence[GoldenHit]:
        """A test's own hits, or those that it names."""
        return self.hits[test.hits] if isinstance(test.hits, str) else test.hits or []
