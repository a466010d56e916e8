"""Which hits an action is about, and actions that only say so: hide, filter, demote unavailable."""

from pydantic import Field, model_validator

from sidecar.rules.language.exact import Exact
from sidecar.rules.language.given import any_of
from sidecar.rules.language.words import DocumentId, Expression, OneOrMore


class Selection(Exact, json_schema_extra=any_of("filter", "ids")):
    """Hits by a filter, by their documents' ids, or both (one of the two is enough)."""

    filter: Expression | None = None
    ids: OneOrMore[DocumentId] | None = None

    @model_validator(mode="after")
    def _something(self) -> "Selection":
        if self.filter is None and self.ids is None:
            raise ValueError("give `filter` or `ids`")
        return self


class Hide(Selection):
    """These hits are not shown, on no page; a pin does not bring them back."""


class Filter(Selection):
    """Only these hits are shown."""


class DemoteUnavailable(Exact):
    """What cannot be bought stands below everything that can, in its own order."""

    filter: Expression = Field(default="stock <= 0", description="which hits are not available")
