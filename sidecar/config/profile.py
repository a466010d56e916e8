"""A ranking profile: what the model reads of a document and how the scores are put together."""

import hashlib
import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sidecar.config.errors import ConfigurationError
from sidecar.config.yaml_file import load_yaml

PROFILE_NAME = re.compile(r"[a-z0-9_-]{1,64}")


class Strict(BaseModel):
    """A configuration section: unknown keys are errors, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DocumentText(Strict):
    """The text of a document as the model reads it."""

    fields: list[str] = Field(min_length=1, max_length=64, description="document fields, in reading order")
    separator: str = Field(default=" | ", max_length=16)
    max_characters: int = Field(default=1000, ge=16, le=65536, description="longer text is cut here")


class RelevanceWeights(Strict):
    """Shares of the two scores after each is standardised over the list."""

    model: float = Field(default=0.5, ge=0, le=1)
    first_stage: float = Field(default=0.5, ge=0, le=1)

    @model_validator(mode="after")
    def _some_weight(self) -> "RelevanceWeights":
        if self.model + self.first_stage <= 0:
            raise ValueError("at least one weight must be above 0")
        return self


class RelevanceProfile(Strict):
    """The relevance stage."""

    candidates: int = Field(default=100, ge=1, le=1000, description="how many of the best are scored")
    weights: RelevanceWeights = RelevanceWeights()


class Profile(Strict):
    """One file of plugin_config/profiles/; the file's name is the profile's name."""

    description: str = ""
    document: DocumentText
    relevance: RelevanceProfile = RelevanceProfile()

    def fields_needed(self) -> list[str]:
        """The document fields that the plugin must send, in a stable order."""
        return list(dict.fromkeys(self.document.fields))

    def version(self) -> str:
        """Eight hex digits that change when anything of the profile changes."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]


def load_profiles(folder: Path) -> dict[str, Profile]:
    """All profiles of a folder by name. Raises ConfigurationError for a bad file, name or empty folder."""
    files = sorted(folder.glob("*.yml")) + sorted(folder.glob("*.yaml"))
    if not files:
        raise ConfigurationError(f"{folder}: no profiles (*.yml) there. Add at least `default.yml`.")
    profiles: dict[str, Profile] = {}
    for file in files:
        if not PROFILE_NAME.fullmatch(file.stem):
            raise ConfigurationError(f"{file}: name a profile with a-z, 0-9, _ and -, at most 64 characters.")
        if file.stem in profiles:
            raise ConfigurationError(
                f"{file}: profile `{file.stem}` is defined twice. Keep one of the files."
            )
        profiles[file.stem] = load_yaml(file, Profile)
    return profiles
