"""The section `rules` of the sidecar's settings: where published layout rules come from."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from sidecar.config.strict import Strict


class RulesOpenSearch(Strict):
    """The index that holds published versions."""

    url: str = "http://127.0.0.1:9200"
    index: str = Field(default="reshelf-rules", pattern=r"^[a-z0-9][a-z0-9._-]{0,127}$")
    replicas: str = Field(default="0-1", pattern=r"^\d+-(\d+|all)$", description="as far as there are nodes")
    timeout_ms: float = Field(default=3000, gt=0, le=600_000)


class RulesFolder(Strict):
    """The folder that holds published versions, for one machine or a shared disk."""

    path: Path | None = Field(default=None, description="default: rules in the state folder")


class Rules(Strict):
    """Published layout rules, followed while searches run."""

    kind: Literal["opensearch", "folder", "none"] = "opensearch"
    poll_ms: float = Field(default=1000, ge=50, le=600_000, description="between looks for a new version")
    keep: int = Field(default=200, ge=10, le=10_000, description="versions; publishing prunes older ones")
    opensearch: RulesOpenSearch = RulesOpenSearch()
    folder: RulesFolder = RulesFolder()
    slow_rule_ms: float = Field(
        default=20, gt=0, le=10_000, description="a rule that takes longer for one search has failed"
    )
    failures: int = Field(
        default=5, ge=1, le=1000, description="in a row, until a rule is switched off for its version"
    )
