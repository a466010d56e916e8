"""The search pipeline's file is checked before it is sent."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile, load_profiles
from sidecar.opensearch.pipeline_file import load_pipeline

CONFIG = Path(__file__).resolve().parents[3] / "plugin_config"
PROFILES = load_profiles(CONFIG / "profiles")


def written(folder: Path, window: Any = None, rerank: Any = None, **rest: Any) -> Path:
    body = {
        "request_processors": [{"reshelf_window": window if window is not None else {}}],
        "response_processors": [{"reshelf": rerank if rerank is not None else {}}],
        **rest,
    }
    (folder / "reshelf.yml").write_text(yaml.safe_dump(body))
    return folder


def options(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body["request_processors"][0]["reshelf_window"]
    return found


def test_the_file_of_the_repository_fails_open_and_sends_what_the_profile_reads() -> None:
    body = load_pipeline(CONFIG / "pipelines", PROFILES)
    profile = PROFILES[options(body)["profile"]]
    assert options(body)["fields"] == profile.fields_needed()
    assert options(body)["window"] == 100
    assert options(body)["ignore_failure"] is True
    assert body["response_processors"][0]["reshelf"]["ignore_failure"] is True


def test_the_window_can_be_given(tmp_path: Path) -> None:
    body = load_pipeline(written(tmp_path, {"window": 50}), PROFILES, window=300)
    assert options(body)["window"] == 300


def test_another_profile_brings_its_own_fields(tmp_path: Path) -> None:
    other = Profile.model_validate({"document": {"fields": ["title", "size"], "max_characters": 200}})
    profiles = {**PROFILES, "other": other}
    file = written(
        tmp_path,
        {"profile": "default", "fields": PROFILES["default"].fields_needed(), "max_characters": 90},
        {"profile": "default", "deadline": "90ms"},
    )
    body = load_pipeline(file, profiles, profile="other")
    assert options(body)["profile"] == "other"
    assert options(body)["fields"] == ["title", "size"]
    assert options(body)["max_characters"] == 200
    assert body["response_processors"][0]["reshelf"] == {"deadline": "90ms", "ignore_failure": True}
    with pytest.raises(ConfigurationError, match="there is no profile `nowhere`"):
        load_pipeline(file, profiles, profile="nowhere")


def test_other_processors_are_left_to_opensearch(tmp_path: Path) -> None:
    steps = [{"filter_query": {"query": {"match_all": {}}}}, {"reshelf_window": {}}]
    body = load_pipeline(written(tmp_path, request_processors=steps), PROFILES)
    assert body["request_processors"][0] == steps[0]


def test_text_is_cut_where_the_model_stops_reading(tmp_path: Path) -> None:
    profile = Profile.model_validate({"document": {"fields": ["title"], "max_characters": 300}})
    body = load_pipeline(written(tmp_path), {"default": profile})
    assert options(body)["max_characters"] == 300


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"window": {"windw": 5}}, "unknown key `windw`. Did you mean `window`?"),
        ({"window": {"window": 0}}, "`window`"),
        ({"window": {"window": 1001}}, "`window`"),
        ({"window": {"window": "many"}}, "`window`"),
        (
            {"window": {"profile": "none"}},
            "there is no profile `none`. Profiles: bi-encoder, cross-encoder, default",
        ),
        ({"window": {"fields": ["brand"]}}, "`fields` lacks title, color"),
        (
            {"window": {"fields": [*PROFILES["default"].fields_needed(), "title"]}},
            "names title twice",
        ),
        ({"window": {"fields": ["att*"]}}, "`fields.0`"),
        ({"rerank": {"deadline": "150"}}, "`deadline`"),
        ({"rerank": {"dealine": "150ms"}}, "unknown key `dealine`. Did you mean `deadline`?"),
        ({"rerank": {"shopper": {"name": "x"}}}, "unknown key `shopper.name`"),
        ({"rerank": {"profile": "other"}}, "the fields of one would be ranked by the other"),
        ({"request_processors": []}, "exactly once, found 0"),
        ({"response_processors": [{"reshelf": {}}, {"reshelf": {}}]}, "exactly once, found 2"),
        ({"respone_processors": []}, "unknown key `respone_processors`"),
    ],
)
def test_what_cannot_work_is_refused_saying_the_fix(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_pipeline(written(tmp_path, **change), PROFILES)
    assert told in str(refused.value)
    assert "reshelf.yml" in str(refused.value)


def test_a_folder_without_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        load_pipeline(tmp_path, PROFILES)
