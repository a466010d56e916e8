"""`--filter` on the command line."""

import pytest
import typer

from sidecar.cli.steps.filters_said import filters_said
from sidecar.domain.search import FieldFilter


def test_values_of_one_field_are_alternatives() -> None:
    said = filters_said(["category=Shoes", " brand = A=B ", "category=Boots"])
    assert said == [FieldFilter("category", ("Shoes", "Boots")), FieldFilter("brand", ("A=B",))]
    assert filters_said([]) == []


@pytest.mark.parametrize("option", ["category", "=Shoes", "category=", ""])
def test_half_a_filter_is_refused(option: str) -> None:
    with pytest.raises(typer.BadParameter, match="FIELD=VALUE"):
        filters_said([option])
