"""What `--filter` says: FIELD=VALUE, several values of one field being alternatives."""

from collections.abc import Sequence

import typer

from sidecar.domain.search import FieldFilter


def filters_said(options: Sequence[str]) -> list[FieldFilter]:
    """The filters by field. Raises BadParameter."""
    by_field: dict[str, list[str]] = {}
    for option in options:
        field, sign, value = (part.strip() for part in option.partition("="))
        if not (field and sign and value):
            raise typer.BadParameter(
                f"{option!r}: write FIELD=VALUE, such as category=Shoes", param_hint="--filter"
            )
        by_field.setdefault(field, []).append(value)
    return [FieldFilter(field, tuple(values)) for field, values in by_field.items()]
