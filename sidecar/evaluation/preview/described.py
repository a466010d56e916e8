"""A document in the words and pictures that people know it by."""

from collections.abc import Mapping
from dataclasses import dataclass

from sidecar.config.layout import StructuredData
from sidecar.config.profile import Profile
from sidecar.domain.candidate import FieldValues

PICTURE_SCHEMES = (
    "https://",
    "http://",
    "data:image/png;",
    "data:image/jpeg;",
    "data:image/webp;",
    "data:image/gif;",
)


@dataclass(frozen=True, slots=True)
class Described:
    """A title, a line below it, and a picture's address; all may be empty."""

    title: str = ""
    line: str = ""
    image: str = ""


def fields_described(profile: Profile) -> list[str]:
    """The fields that `describe` reads."""
    named = _named(profile)
    return list(dict.fromkeys(name for name in (named.name, named.brand, named.price, named.image) if name))


def describe(fields: Mapping[str, FieldValues], profile: Profile) -> Described:
    """By the fields that a ranking profile names for structured data, else by the usual ones."""
    named = _named(profile)
    title, brand, price, image = (
        _first(fields, name) for name in (named.name, named.brand, named.price, named.image)
    )
    usable = image if image.lower().startswith(PICTURE_SCHEMES) else ""
    return Described(title, " · ".join(part for part in (brand, price) if part), usable)


def _named(profile: Profile) -> StructuredData:
    return profile.layout.structured_data or StructuredData()


def _first(fields: Mapping[str, FieldValues], name: str) -> str:
    values = fields.get(name) if name else None
    return str(values[0]) if values else ""
