"""What docs/events.md shows is what happens."""

import json
import re
from pathlib import Path

import httpx
import yaml

from sidecar.config.sidecar import SidecarSettings
from tests.docs.commands import ROOT
from tests.fixtures.events import way_in

TEXT = (ROOT / "docs" / "events.md").read_text()
CENTURY = 36_500


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)


def test_the_settings_are_valid() -> None:
    assert len(blocks("yaml")) == 2
    for block in blocks("yaml"):
        SidecarSettings.model_validate(yaml.safe_load(block))


async def test_the_event_is_taken(tmp_path: Path) -> None:
    # The document's moments stay where they are while the calendar moves on.
    async with (
        way_in(tmp_path, max_age_days=CENTURY, max_future_minutes=1440) as where,
        where.client() as client,
    ):
        answer = await client.post("/v1/events", content=blocks("json")[0])
        assert answer.json()["accepted"] == 1


async def test_the_lines_are_answered_as_shown(tmp_path: Path) -> None:
    lines = next(block for block in blocks("console") if "curl" in block)
    body = lines.partition("<<'EVENTS'\n")[2].partition("EVENTS")[0]
    async with (
        way_in(tmp_path, max_age_days=CENTURY, max_future_minutes=1440) as where,
        where.client() as client,
    ):
        answer: httpx.Response = await client.post("/v1/events", content=body)
        assert answer.status_code == 207
        assert answer.json() == json.loads(blocks("json")[1])


def test_defaults_that_are_told() -> None:
    events = SidecarSettings().events
    assert events.ignored.header in TEXT
    assert events.follow.lease_index in TEXT
