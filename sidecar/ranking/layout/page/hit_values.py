"""What a hit's fields hold, for comparing hits."""

from collections.abc import Mapping

from sidecar.config.profile import FeatureFields
from sidecar.domain.candidate import FieldValues
from sidecar.text.tokens import tokens

Fields = Mapping[str, FieldValues]


def values_of(fields: Fields, name: str) -> frozenset[str]:
    """A field's values, case aside; empty for a field that is not there or has no name."""
    return frozenset(str(value).strip().casefold() for value in fields.get(name, ()) if str(value).strip())


def leading(fields: Fields, name: str) -> str:
    """A field's first value as it is shown; "" where there is none."""
    return next((str(value).strip() for value in fields.get(name, ()) if str(value).strip()), "")


def deepest(fields: Fields, name: str) -> str:
    """The last value: a category's leaf, where its path stands level by level."""
    return next((str(value).strip() for value in reversed(fields.get(name, ())) if str(value).strip()), "")


def words(fields: Fields, name: str) -> frozenset[str]:
    """A text's words, folded as queries are."""
    return frozenset(tokens(" ".join(str(value) for value in fields.get(name, ()))))


def aspects(fields: Fields, named: FeatureFields) -> tuple[frozenset[str], ...]:
    """What makes two hits alike: the brand, the categories, the title's words."""
    return values_of(fields, named.brand), values_of(fields, named.category), words(fields, named.title)
