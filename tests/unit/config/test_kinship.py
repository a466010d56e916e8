"""A file of kinships: read with the profile that names it, refused with the fix."""

import pytest
from pydantic import ValidationError

from sidecar.cli.steps.relate_flow import write_kinship
from sidecar.config.errors import ConfigurationError
from sidecar.config.kinship import Kinship, load_kinship
from sidecar.config.personalization import Attribute, Personalization
from sidecar.config.profile import load_profile

FOUND = Kinship(shoppers=30, clicks=90, vectors={7: [0.5, -1.25], 3: [0.0, 1e-4]})
PROFILE = "document: {fields: [title]}\npersonalization: {kinship: ../kinship/shop.yml}\n"


def test_what_is_written_is_read_with_the_profile(tmp_path) -> None:
    for folder in ("profiles", "kinship"):
        (tmp_path / folder).mkdir()
    write_kinship(tmp_path / "kinship" / "shop.yml", FOUND, "brand")
    file = tmp_path / "profiles" / "default.yml"
    file.write_text(PROFILE)
    section = load_profile(file).personalization
    assert section is not None
    assert section.kinship is not None
    assert section.kinship.vectors == FOUND.vectors
    assert section.kinship.version == FOUND.version
    assert section.kinship.dimensions == 2
    assert section.kinship.table[0].tolist() == [3, 7]


def test_a_missing_file_is_told(tmp_path) -> None:
    file = tmp_path / "default.yml"
    file.write_text(PROFILE)
    with pytest.raises(ConfigurationError, match=r"shop\.yml"):
        load_profile(file)
    with pytest.raises(ConfigurationError, match="YAML file"):
        load_kinship(tmp_path / "shop.json")


@pytest.mark.parametrize("vectors", [{}, {1: [1.0], 2: [1.0, 2.0]}, {1: []}, {0: [1.0]}, {1: [float("nan")]}])
def test_vectors_that_are_none_are_refused(vectors) -> None:
    with pytest.raises(ValidationError):
        Kinship(vectors=vectors)


def test_no_attribute_may_have_the_name() -> None:
    with pytest.raises(ValidationError, match="another name"):
        Personalization(attributes={"kinship": Attribute(field="x")})
