"""One rule, and a file of them."""

import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from sidecar.rules.language.active import Active
from sidecar.rules.language.conditions import When
from sidecar.rules.language.exact import Exact
from sidecar.rules.language.given import ONE_KEY
from sidecar.rules.language.placing import Pin, Slot
from sidecar.rules.language.selecting import DemoteUnavailable, Filter, Hide
from sidecar.rules.language.telling import (
    MOST_METADATA_CHARACTERS,
    Metadata,
    PageLayout,
    Personalize,
)
from sidecar.rules.language.varying import Collapse, Diversify
from sidecar.rules.language.weighting import Boost, Bury

MOST_RULES = 5_000
RULE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def _short(metadata: Metadata) -> Metadata:
    try:
        text = json.dumps(metadata, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`metadata` must be JSON: {error}") from error
    if len(text) > MOST_METADATA_CHARACTERS:
        raise ValueError(f"`metadata` has more than {MOST_METADATA_CHARACTERS} characters")
    return metadata


class Action(Exact, json_schema_extra=ONE_KEY):
    """One thing that a rule does: exactly one key."""

    hide: Hide | None = None
    filter: Filter | None = None
    boost: Boost | None = None
    bury: Bury | None = None
    demote_unavailable: DemoteUnavailable | None = None
    collapse: Collapse | None = None
    diversify: Diversify | None = None
    slot: Slot | None = None
    pin: Pin | None = None
    personalize: Personalize | None = None
    page: PageLayout | None = None
    metadata: Annotated[Metadata, AfterValidator(_short)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Action":
        given = [name for name in Action.model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"one action a list entry, found {', '.join(given) or 'none'}")
        return self

    @property
    def kind(self) -> str:
        """The key that is given."""
        return next(name for name in Action.model_fields if getattr(self, name) is not None)

    @property
    def what(self) -> Any:
        """What stands under the key."""
        return getattr(self, self.kind)


class Rule(Exact):
    """A rule: when it holds, while it is active, it does what `then` says."""

    id: str = Field(pattern=f"^{RULE_ID.pattern}$")
    description: str = Field(default="", max_length=2000)
    priority: int = Field(default=0, ge=-1_000_000, le=1_000_000, description="higher wins")
    enabled: bool = True
    when: When = When()
    active: Active = Active()
    then: list[Action] = Field(min_length=1, max_length=100)
    holdout: float = Field(
        default=0,
        ge=0,
        le=0.5,
        description="share of shoppers for whom it stays out, so that `reshelf rules stats` can compare",
    )


class RuleFile(Exact):
    """One file of plugin_config/rules/: rules, and further files (by path from the rules folder)."""

    include: list[str] = Field(default=[], max_length=100)
    rules: list[Rule] = Field(default=[], max_length=MOST_RULES)
