"""A blend's file: what it may say, and what is refused with the fix."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sidecar.config.blend import load_blend
from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import load_profile, load_profiles

ROOT = Path(__file__).resolve().parents[3]


def written(folder: Path, content: dict[str, Any], name: str = "some.yml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"first": {"similarty": 1}}, "similarty"),
        ({"first": {"similarity": -1}}, "greater than or equal to 0"),
        ({"first": {"similarity": float("nan")}}, "finite"),
        ({"first": {}}, "at least one weight"),
        ({"first": {"similarity": 0}}, "at least one weight"),
        ({"first": {"pair": 1}}, "`first` orders the hits before"),
        (
            {"first": {"similarity": 1}, "final": {"similarity": 1}},
            "`final` needs a weight above 0 for `pair`",
        ),
        ({"first": {"similarity": 1}, "last": {}}, "unknown key `last`"),
        ({}, "first"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, content: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_blend(written(tmp_path, content))
    assert told in str(refused.value)
    assert "some.yml" in str(refused.value)


def test_a_profile_names_its_blend(tmp_path: Path) -> None:
    written(tmp_path, {"first": {"similarity": 1, "category_10": 2}}, "blend.yml")
    path = written(tmp_path, {"document": {"fields": ["name"]}, "relevance": {"blend": "blend.yml"}}, "a.yml")
    profile = load_profile(path)
    assert profile.relevance.blend is not None
    assert profile.fields_needed() == ["name", "title", "brand", "color", "category"]
    before = profile.version()
    written(tmp_path, {"first": {"similarity": 2}}, "blend.yml")
    after = load_profile(path)
    assert after.version() != before, "what decides is part of the version"
    assert "category" not in after.fields_needed(), "no feature reads it any more"


def test_a_blend_that_is_not_there(tmp_path: Path) -> None:
    path = written(tmp_path, {"document": {"fields": ["title"]}, "relevance": {"blend": "none.yml"}})
    with pytest.raises(ConfigurationError, match=r"none\.yml: no such file"):
        load_profile(path)


def test_fields_that_a_shop_does_not_have_are_left_out(tmp_path: Path) -> None:
    relevance = {
        "blend": {"first": {"category_10": 1, "rating": 1}},
        "features": {"brand": "", "color": "", "rating_count": ""},
    }
    profile = load_profile(written(tmp_path, {"document": {"fields": ["title"]}, "relevance": relevance}))
    assert profile.fields_needed() == ["title", "category", "rating"]


def test_the_shipped_profiles_load() -> None:
    profiles = load_profiles(ROOT / "plugin_config" / "profiles")
    assert set(profiles) == {"default", "bi-encoder", "cross-encoder"}
    assert profiles["default"].relevance.blend is not None
    assert profiles["cross-encoder"].relevance.blend is None
