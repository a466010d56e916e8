"""Pins and slots: hits that stand at a place."""

from typing import Literal

from pydantic import Field, model_validator

from sidecar.rules.language.exact import Exact
from sidecar.rules.language.given import one_of
from sidecar.rules.language.words import DocumentId, Expression, OneOrMore, Place


class Pin(Exact, json_schema_extra=one_of("id", "filter")):
    """A hit stands at a place (hard), or there or above (soft).

    By `id`: this document. By `filter`: the best hits that match, as many as there are places. Several
    places are given as a list, or as a range from `position` to `until`.
    """

    id: DocumentId | None = None
    index: str | None = Field(default=None, description="where ids are not unique among the indices searched")
    filter: Expression | None = None
    position: OneOrMore[Place]
    until: Place | None = Field(default=None, description="the last place of a range")
    mode: Literal["hard", "soft"] = "hard"
    on_missing: Literal["slide", "gap", "fetch"] = Field(
        default="slide",
        description="not among the window's hits: the rule's later pins move up (slide), stay where they are "
        "(gap), or the document is fetched under the search's own filters (fetch; by id only)",
    )

    @model_validator(mode="after")
    def _whole(self) -> "Pin":
        if (self.id is None) == (self.filter is None):
            raise ValueError("give `id` or `filter`, one of the two")
        if self.until is not None and (len(self.position) > 1 or self.until < self.position[0]):
            raise ValueError("`until` goes with one `position`, and is not below it")
        if self.id is not None and (len(self.position) > 1 or (self.until and self.mode == "hard")):
            raise ValueError("one document stands at one place: give one `position`, or `mode: soft`")
        if self.on_missing == "fetch" and self.id is None:
            raise ValueError("`on_missing: fetch` needs an `id`: a filter cannot be fetched")
        if len(set(self.position)) < len(self.position):
            raise ValueError("`position`: a place is named twice")
        return self

    @property
    def places(self) -> list[int]:
        """All places, from 1, rising."""
        if self.until is not None:
            return list(range(self.position[0], self.until + 1))
        return sorted(self.position)


class Slot(Exact):
    """Places that a kind of hits gets: sponsored, recommended for this shopper, editorial.

    sponsored: the best hits that match; only for clients that asked for ads, since they must label them.
    recommended: the hits that this shopper's taste speaks for most; nothing without a taste.
    editorial: the ids, in their order.
    """

    kind: Literal["sponsored", "recommended", "editorial"]
    name: str = Field(default="", max_length=64, description="as the client knows it; default: the kind")
    positions: OneOrMore[Place]
    filter: Expression | None = None
    ids: OneOrMore[DocumentId] | None = None
    label: str = Field(default="", max_length=64, description="what the client shows beside the hit")

    @model_validator(mode="after")
    def _whole(self) -> "Slot":
        if self.kind == "editorial" and self.ids is None:
            raise ValueError("an editorial slot needs `ids`")
        if self.kind == "sponsored" and self.filter is None and self.ids is None:
            raise ValueError("a sponsored slot needs `filter` or `ids`: not every hit is an ad")
        if self.kind == "sponsored" and not self.label:
            raise ValueError("a sponsored slot needs a `label`, such as Sponsored: ads are labelled")
        if len(set(self.positions)) < len(self.positions):
            raise ValueError("`positions`: a place is named twice")
        return self
