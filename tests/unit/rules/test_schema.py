"""The schema by which editors complete."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from sidecar.rules.language.rule import RuleFile
from sidecar.rules.schema import SCHEMA_FILE, rules_schema, schema_text
from sidecar.stack.paths import project_root

RULES = project_root() / "plugin_config" / "rules"


def test_the_committed_schema_is_current() -> None:
    written = (RULES / SCHEMA_FILE).read_text(encoding="utf-8")
    assert written == schema_text(), "run: reshelf rules schema > plugin_config/rules/schema.json"


@pytest.mark.parametrize("file", sorted(RULES.glob("*.yml")), ids=lambda path: path.name)
def test_sample_rules_meet_it(file: Path) -> None:
    # Editors see dates as texts.
    data = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
    with_numbers = _guessed(data)
    jsonschema.Draft202012Validator(rules_schema()).validate(with_numbers)
    assert file.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=schema.json\n")


@pytest.mark.parametrize(
    ("rule", "good"),
    [
        ({"when": {"brand": "Nike"}}, True),
        ({"when": {"brand": ["Nike"]}}, True),
        ({"when": {"brand": None}}, False),
        ({"when": {"brnd": "Nike"}}, False),
        ({"when": {"intent": "buying"}}, False),
        ({"active": {"from": "2026-01-01", "hours": "08:00-18:00"}}, True),
        ({"active": {"hours": "8-18"}}, False),
        ({"priority": "high"}, False),
        ({"then": []}, False),
        ({"then": [{"pin": {"id": "A", "position": 1}}]}, True),
        ({"then": [{"pin": {"filter": "x", "position": [1, 2]}}]}, True),
        ({"then": [{"pin": {"id": "A", "position": 0}}]}, False),
        ({"then": [{"pinned": {"id": "A", "position": 1}}]}, False),
        ({"when": {"any": [{"none": [{"crawler": True}]}]}}, True),
        ({"id": "No Id"}, False),
    ],
)
def test_it_says_what_the_models_say(rule: dict[str, Any], good: bool) -> None:
    whole = {"rules": [{"id": "a", "then": [{"hide": {"ids": "x"}}], **rule}]}
    assert jsonschema.Draft202012Validator(rules_schema()).is_valid(whole) is good
    try:
        RuleFile.model_validate(whole)
    except ValidationError:
        assert not good
    else:
        # An empty value is none to the models; the folder's reader refuses it.
        assert good or rule == {"when": {"brand": None}}


def _guessed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _guessed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_guessed(one) for one in value]
    if value in ("true", "false"):
        return value == "true"
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return value
