"""Actions that move no hit: how personal a search is, what clients are told, how the page is built."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sidecar.rules.language.exact import Exact
from sidecar.rules.language.given import any_of
from sidecar.rules.language.words import FieldName, Share, Word

MOST_METADATA_CHARACTERS = 16_384
Portion = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]


class Personalize(Exact):
    """How personal the search is: 0 not at all, 1 as the ranking profile says; between, a share of it."""

    strength: Share


class Section(Exact):
    """A part of the page, as clients that ask for the layout are told it.

    Hits fill the sections in the page's order: a hero takes `hits` of them, a grid `rows` times `columns`.
    `strip` and `sponsored` name the slot whose hits they show.
    """

    name: Word
    kind: Literal["hero", "grid", "strip", "sponsored", "facets", "text"]
    title: str = Field(default="", max_length=256)
    hits: int | None = Field(default=None, ge=1, le=100)
    rows: int | None = Field(default=None, ge=1, le=100)
    columns: int | None = Field(default=None, ge=1, le=24)
    slot: str = Field(default="", max_length=64)
    text: str = Field(default="", max_length=2000)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Section":
        if self.kind in ("strip", "sponsored") and not self.slot:
            raise ValueError(f"a section of kind `{self.kind}` needs a `slot`")
        if self.kind == "text" and not self.text:
            raise ValueError("a section of kind `text` needs a `text`")
        return self


class Facets(Exact):
    """Which facets to show first: those named, then those that split the hits best and the shopper cares
    about."""

    fields: list[FieldName] = Field(min_length=1, max_length=32, description="the facets that the page has")
    first: list[FieldName] = Field(default=[], max_length=32, description="these stand first, in this order")
    show: int = Field(default=5, ge=1, le=32)


class PageLayout(Exact, json_schema_extra=any_of("sections", "facets", "variants")):
    """How the page is built. With `variants` each shopper gets one of them, the same one each time."""

    sections: list[Section] = Field(default=[], max_length=32)
    facets: Facets | None = None
    variants: dict[Word, "PageLayout"] = Field(default={}, max_length=8)
    shares: dict[Word, Portion] = Field(
        default={}, description="of shoppers by variant; left out: equal, or as the experiment's arm says"
    )
    experiment: str = Field(
        default="", max_length=64, description="the arm that the client says for it names the variant"
    )

    @model_validator(mode="after")
    def _whole(self) -> "PageLayout":
        if not self.sections and self.facets is None and not self.variants:
            raise ValueError("give `sections`, `facets` or `variants`")
        names = [section.name for section in self.sections]
        if len(set(names)) < len(names):
            raise ValueError("`sections`: a name is there twice")
        if any(variant.variants for variant in self.variants.values()):
            raise ValueError("`variants`: a variant has no variants of its own")
        unknown = sorted(set(self.shares) - set(self.variants))
        if unknown:
            raise ValueError(f"`shares`: no variant `{unknown[0]}`")
        if self.shares and sum(self.shares.values()) <= 0:
            raise ValueError("`shares`: one is above 0")
        return self


Metadata = dict[Word, Any]
"""JSON for the client, under `metadata` in ext.reshelf.layout; the strongest rule's value of a key counts."""
