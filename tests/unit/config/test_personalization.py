"""The section `personalization`: what it reads, and what it refuses."""

import pytest
from pydantic import ValidationError

from sidecar.config.personalization import Personalization
from sidecar.config.profile import Profile
from sidecar.config.protected import protected_word
from sidecar.config.yaml_file import validate


def test_the_defaults_name_the_fields_of_the_sample_shop() -> None:
    assert Personalization().fields() == ["brand", "category", "color", "price", "rating"]


def test_vectors_are_asked_for_where_they_are_looked_at() -> None:
    section = {"item_vector": {"field": "image_vector", "dimensions": 384}}
    assert Personalization.model_validate(section).fields()[-1] == "image_vector"
    assert Personalization().item_vector is None
    only = {"attributes": {}, "slopes": {}, **section}
    assert Personalization.model_validate(only).fields() == ["image_vector"]


def test_a_profile_asks_the_plugin_for_what_is_learned_from() -> None:
    document = {"document": {"fields": ["title"]}}
    section = {"attributes": {"maker": {"field": "manufacturer"}}, "slopes": {}}
    assert Profile.model_validate(document).fields_needed() == ["title"]
    profile = Profile.model_validate({**document, "personalization": section})
    assert profile.fields_needed() == ["title", "manufacturer"]
    off = Profile.model_validate({**document, "personalization": {**section, "enabled": False}})
    assert off.fields_needed() == ["title"]
    assert len({profile.version(), off.version()}) == 2


@pytest.mark.parametrize("name", ["gender", "customer_gender", "ageGroup", "specs.age", "religion", "AGE"])
def test_nobody_is_ranked_by_what_they_are(name: str) -> None:
    with pytest.raises(ValidationError, match=r"which nobody is ranked by: remove it\. .* filter by it"):
        Personalization.model_validate({"attributes": {"trait": {"field": name}}})


@pytest.mark.parametrize("name", ["page", "package", "average_rating", "storage", "message", "brand"])
def test_words_that_only_look_like_it_are_fine(name: str) -> None:
    assert protected_word(name) is None


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"attributes": {}, "slopes": {}}, "nothing to learn"),
        (
            {"attributes": {"price": {"field": "price"}}, "slopes": {"price": {"field": "price"}}},
            "another name",
        ),
        ({"guardrails": {"exposure_attributes": ["seller"]}}, "`seller` is not among `attributes`"),
        ({"item_vector": {"field": "image"}}, "dimensions"),
        ({"item_vector": {"field": "image", "dimensions": 1}}, "greater than or equal to 2"),
        ({"item_vector": {"field": "image", "dimensions": 4096}}, "less than or equal to 2048"),
        ({"item_vector": {"field": "", "dimensions": 8}}, "at least 1 character"),
        ({"item_vector": {"field": "age_vector", "dimensions": 8}}, "nobody is ranked by"),
        ({"slopes": {"item_vector": {"field": "price"}}}, "another name"),
        ({"strengh": 1}, "strengh"),
        ({"strength": 2}, "less than or equal to 1"),
        ({"calibration": {"slope": 0}}, "greater than or equal to"),
    ],
)
def test_what_cannot_work_is_refused_with_the_fix(section, told) -> None:
    with pytest.raises(ValidationError, match=told):
        Personalization.model_validate(section)


def test_the_error_names_the_file_and_the_key() -> None:
    with pytest.raises(ValueError, match=r"shop\.yml.*personalization"):
        validate({"document": {"fields": ["title"]}, "personalization": {"clip": -1}}, Profile, "shop.yml")


def test_the_sample_in_the_docstring_loads() -> None:
    import yaml

    text = (Personalization.__doc__ or "").split("```yaml")[1].split("```")[0]
    section = yaml.safe_load(text)["personalization"]
    assert Personalization.model_validate(section).attributes["category"].values == 2
