"""A ranking profile: what the model reads of a document and how the scores are put together."""

import hashlib
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from sidecar.config.blend import Blend, load_blend
from sidecar.config.errors import ConfigurationError
from sidecar.config.kinship import load_kinship
from sidecar.config.layout import Layout
from sidecar.config.personalization import Personalization
from sidecar.config.strict import Strict
from sidecar.config.yaml_file import read_yaml, validate

PROFILE_NAME = re.compile(r"[a-z0-9_-]{1,64}")


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


class FeatureFields(Strict):
    """Which document field a feature reads. Empty: the shop has none, and the feature says nothing."""

    title: str = "title"
    brand: str = "brand"
    color: str = "color"
    category: str = Field(default="category", description="the path from the root, one value a level")
    rating: str = "rating"
    rating_count: str = "rating_count"

    def read_by(self, features: AbstractSet[str]) -> list[str]:
        """The fields that these features read, in a stable order."""
        needed = [self.title, self.brand, self.color]
        if not features.isdisjoint({"category_10", "category_20"}):
            needed.append(self.category)
        if not features.isdisjoint({"rating", "popularity"}):
            needed += [self.rating, self.rating_count]
        return [name for name in needed if name]


class RelevanceProfile(Strict):
    """The relevance stage: by a learned blend of many features, or by two weights."""

    candidates: int = Field(default=100, ge=1, le=1000, description="how many of the best are ranked")
    weights: RelevanceWeights = RelevanceWeights()
    blend: Blend | None = Field(
        default=None,
        description="a file of blends/ (its path from the profile's folder), or the blend itself",
    )
    pairs: int = Field(
        default=10, ge=0, le=1000, description="how many of the blend's best the cross-encoder reads"
    )
    features: FeatureFields = FeatureFields()


class Profile(Strict):
    """One file of plugin_config/profiles/; the file's name is the profile's name."""

    description: str = ""
    document: DocumentText
    relevance: RelevanceProfile = RelevanceProfile()
    personalization: Personalization | None = Field(
        default=None, description="left out: every shopper gets the order by relevance"
    )
    layout: Layout = Layout()

    def fields_needed(self) -> list[str]:
        """The document fields that the plugin must send, in a stable order."""
        blend = self.relevance.blend
        read = self.relevance.features.read_by(blend.used()) if blend else []
        personal = self.personalization
        likes = personal.fields() if personal and personal.enabled else []
        layout = self.layout
        rules = layout.fields if layout.enabled else []
        told = layout.structured_data.fields() if layout.enabled and layout.structured_data else []
        return list(dict.fromkeys([*self.document.fields, *read, *likes, *rules, *told]))

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
        profiles[file.stem] = load_profile(file)
    return profiles


def named_profile(profiles: Mapping[str, Profile], name: str) -> Profile:
    """The one that an option `--profile` names. Raises ConfigurationError telling those there are."""
    if name not in profiles:
        raise ConfigurationError(
            f"--profile {name}: there is no such ranking profile. There are: {', '.join(sorted(profiles))}."
        )
    return profiles[name]


def load_profile(file: Path) -> Profile:
    """One profile, with the blend and kinship that it names. Raises ConfigurationError: file and key."""
    data = read_yaml(file)
    return validate(_with_kinship(_with_blend(data, file), file), Profile, str(file))


def _with_blend(data: dict[str, Any], file: Path) -> dict[str, Any]:
    """The profile's keys with the blend's file in place of its name; a small blend may be written out."""
    relevance = data.get("relevance")
    if not isinstance(relevance, dict) or not isinstance(relevance.get("blend"), str):
        return data
    return {**data, "relevance": {**relevance, "blend": load_blend(file.parent / relevance["blend"])}}


def _with_kinship(data: dict[str, Any], file: Path) -> dict[str, Any]:
    """The profile's keys with the kinship's file in place of its name."""
    section = data.get("personalization")
    if not isinstance(section, dict) or not isinstance(section.get("kinship"), str):
        return data
    return {
        **data,
        "personalization": {**section, "kinship": load_kinship(file.parent / section["kinship"])},
    }
