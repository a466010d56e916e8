"""The section `events` of the settings."""

from typing import Any

import pytest
from pydantic import ValidationError

from sidecar.config.errors import ConfigurationError
from sidecar.config.events import EventSettings
from sidecar.config.sidecar import SidecarSettings
from sidecar.config.yaml_file import validate
from sidecar.domain.event import EventKind


def test_the_shops_words_stand_above_the_usual_ones() -> None:
    kinds = EventSettings.model_validate({"actions": {"Quick-View": "click", "click": "other"}}).kinds()
    assert kinds["quick_view"] is EventKind.CLICK
    assert kinds["click"] is EventKind.OTHER
    assert kinds["purchase"] is EventKind.PURCHASE


@pytest.mark.parametrize(
    "section",
    [
        {"actions": {"click": "clack"}},
        {"first_positions": {"app": 2}},
        {"ignored": {"networks": ["10.0.0.0/99"]}},
        {"ignored": {"user_agents": "("}},
        {"ignored": {"header": "No Header"}},
        {"follow": {"lease_index": "_no"}},
        {"journal": {"events": 1}},
        {"unknown": 1},
    ],
)
def test_what_is_refused(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EventSettings.model_validate(section)


def test_errors_name_key_and_value() -> None:
    with pytest.raises(ConfigurationError) as refused:
        validate({"events": {"actions": {"click": "clack"}, "jurnal": {}}}, SidecarSettings, "sidecar.yml")
    told = str(refused.value)
    assert "sidecar.yml: `events.actions.click`" in told
    assert "'clack'" in told
    assert "Did you mean `journal`?" in told
