"""What may be known of shoppers, and for how long."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from sidecar.config.strict import Strict


class Privacy(Strict):
    """Ids are kept as keys that a secret makes of them (HMAC-SHA256); the secrets are files.

    To rotate, put a new file in front of the old one; drop the old one after `profile_days`.
    """

    key_files: list[Path] = Field(
        default_factory=list,
        max_length=8,
        description="secrets, the current one first; default: shopper.key in the state folder",
    )
    consent: Literal["assumed", "required"] = Field(
        default="assumed", description="where a search or event says nothing; a denial is always obeyed"
    )
    profile_days: float = Field(default=180, gt=0, le=3650, description="after a shopper's last event")
    forgotten_days: float = Field(
        default=400, gt=0, le=36_500, description="no less than `events.max_age_days`; see docs/profiles.md"
    )
    clock_skew_seconds: float = Field(
        default=60,
        ge=0,
        le=3600,
        description="by how much senders' clocks may be ahead when one is forgotten",
    )

    @field_validator("key_files")
    @classmethod
    def _each_once(cls, files: list[Path]) -> list[Path]:
        if len(set(files)) != len(files):
            raise ValueError("a file is named twice")
        return files
