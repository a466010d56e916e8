"""What a ranking stage is to the pipeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sidecar.config.profile import Profile
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Skip
from sidecar.domain.search import Search
from sidecar.ranking.standing import Standing


@dataclass(slots=True)
class StageResult:
    """The new standing, and what there is to say about it."""

    standing: Standing
    candidates: int
    skipped: Sequence[Skip] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


class StageSkipped(Exception):
    """The stage did nothing, for a `SkipReason`. The standing before it counts."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Stage(Protocol):
    """One step of the ranking. It never changes the standing it is given."""

    name: str

    async def apply(
        self, search: Search, profile: Profile, standing: Standing, deadline: Deadline
    ) -> StageResult:
        """The standing after this stage, before the deadline. Raises StageSkipped to step aside."""
        ...
