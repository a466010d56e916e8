"""The section `personalization` that a command was told to learn by."""

from pathlib import Path

from sidecar.cli.pipeline import configured_profile
from sidecar.config.errors import ConfigurationError
from sidecar.config.personalization import Personalization
from sidecar.config.profile import load_profiles, named_profile
from sidecar.config.sidecar import SidecarSettings


def personal_section(profile: str | None, profiles: Path | None) -> Personalization:
    """The named profile's, or the defaults where none is named. Raises ConfigurationError."""
    if profile is None:
        return Personalization()
    section = configured_profile(profile, profiles).personalization
    if section is None:
        raise ConfigurationError(
            f"--profile {profile}: it has no section `personalization`. Add it, or leave this out."
        )
    return section


def sidecars_section(settings: SidecarSettings, profile: str | None) -> Personalization | None:
    """The named profile's of a sidecar, or its default one's; None without. Raises ConfigurationError."""
    known = load_profiles(settings.profiles.folder)
    return named_profile(known, profile or settings.profiles.default).personalization
