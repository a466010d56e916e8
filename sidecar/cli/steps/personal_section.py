"""The section `personalization` that a command was told to learn by."""

from pathlib import Path

from sidecar.cli.pipeline import configured_profiles
from sidecar.config.errors import ConfigurationError
from sidecar.config.personalization import Personalization
from sidecar.config.profile import load_profiles
from sidecar.config.sidecar import SidecarSettings


def personal_section(profile: str | None, profiles: Path | None) -> Personalization:
    """The named profile's, or the defaults where none is named. Raises ConfigurationError."""
    if profile is None:
        return Personalization()
    found = configured_profiles(profiles)
    if profile not in found:
        raise ConfigurationError(
            f"--profile {profile}: there is no such profile. There are: {', '.join(sorted(found))}."
        )
    section = found[profile].personalization
    if section is None:
        raise ConfigurationError(
            f"--profile {profile}: it has no section `personalization`. Add it, or leave this out."
        )
    return section


def sidecars_section(settings: SidecarSettings, profile: str | None) -> Personalization | None:
    """The named profile's of a sidecar, or its default one's; None without. Raises ConfigurationError."""
    known = load_profiles(settings.profiles.folder)
    name = profile or settings.profiles.default
    if name not in known:
        raise ConfigurationError(f"--profile {name}: no such ranking profile. Known: {', '.join(known)}.")
    return known[name].personalization
