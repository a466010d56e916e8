"""Rules as models: what comes back from a published version, and values that mean nothing."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from sidecar.rules.language.active import Active
from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet, UnreadableRules
from tests.unit.rules.every_key import EVERY_KEY

NAN, INFINITE = float("nan"), float("inf")


def rule(**keys: Any) -> Rule:
    return Rule.model_validate({"id": "a", "then": [{"hide": {"ids": "x"}}], **keys})


@pytest.mark.parametrize(
    "until",
    [
        "2026-12-24",
        "2026-12-24T00:00",
        "2026-12-24T00:00:00+00:00",
        "2026-12-24T18:30",
        date(2026, 12, 24),
        datetime(2026, 12, 24),  # noqa: DTZ001
        datetime(2026, 12, 24, tzinfo=UTC),
    ],
)
def test_what_is_published_is_what_was_written(until: Any) -> None:
    written = RuleSet.of([rule(active={"until": until, "timezone": "America/New_York"})])
    read = RuleSet.from_json(written.to_json())
    assert read == written
    assert read.digest == written.digest
    assert read.rules[0].active.bounds() == written.rules[0].active.bounds()


def test_every_key_comes_back() -> None:
    written = RuleSet.of([Rule.model_validate(EVERY_KEY)])
    assert RuleSet.from_json(written.to_json()) == written


def test_midnight_in_greenwich_is_not_midnight_in_new_york() -> None:
    there = Active.model_validate({"until": "2026-12-24", "timezone": "America/New_York"})
    greenwich = Active.model_validate({"until": "2026-12-24T00:00Z", "timezone": "America/New_York"})
    moment = datetime(2026, 12, 24, 2, tzinfo=UTC)
    assert (there.holds(moment), greenwich.holds(moment)) == (True, False)


@pytest.mark.parametrize("hour", ["03:00", "03:15"])
def test_a_period_in_the_hour_that_is_left_out_is_none(hour: str) -> None:
    """At 02:00 clocks in Berlin go to 03:00, so 02:30 by the old time is 03:30."""
    period = {"from": "2027-03-28T02:30", "until": f"2027-03-28T{hour}", "timezone": "Europe/Berlin"}
    with pytest.raises(ValidationError, match="would never be active"):
        rule(active=period)
    assert rule(active={**period, "until": "2027-03-28T03:45"})


@pytest.mark.parametrize(
    "until",
    [
        *(
            2026,
            1.5,
            True,
            "tomorrow",
            "2026-13-01",
            "2026-12-24T25:00",
            "2026-W01-1",
            "2026-1-5",
            "20260101",
        ),
        *("20260101T08", " 2026-01-01", "2026-01-01\n", "2026-01-01T08:00 +1"),
    ],
)
def test_what_is_no_date(until: Any) -> None:
    with pytest.raises(ValidationError, match="is no date; write 2026-01-31"):
        rule(active={"until": until})


@pytest.mark.parametrize(
    "keys",
    [
        {"holdout": NAN},
        {"then": [{"personalize": {"strength": NAN}}]},
        {"then": [{"boost": {"filter": "x", "weight": NAN}}]},
        {"then": [{"boost": {"weight": 2, "range": {"value": "x", "low": 0, "high": INFINITE}}}]},
        {"then": [{"boost": {"weight": 2, "rating": {"prior": INFINITE}}}]},
        {"then": [{"boost": {"weight": 2, "rating": {"mean": NAN}}}]},
        {"then": [{"diversify": {"mmr": {"balance": NAN}}}]},
        {"then": [{"diversify": {"mmr": {"fields": {"brand": NAN}}}}]},
        {"then": [{"diversify": {"mmr": {"fields": {"brand": -1}}}}]},
        {"then": [{"diversify": {"max_per_field": {"brand": 0}}}]},
        {"then": [{"page": {"variants": {"a": {"facets": {"fields": ["x"]}}}, "shares": {"a": INFINITE}}}]},
        {"then": [{"page": {"variants": {"a": {"facets": {"fields": ["x"]}}}, "shares": {"a": 0}}}]},
        {"then": [{"metadata": {"a": NAN}}]},
        {"then": [{"metadata": {"a": date(2026, 1, 1)}}]},
    ],
)
def test_numbers_that_mean_nothing(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule(**keys)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": 2}', '{"format": 1}', '{"format":1,"rules":[{}]}', "[" * 10**5]
)
def test_versions_that_cannot_be_read(text: str) -> None:
    with pytest.raises(UnreadableRules):
        RuleSet.from_json(text)
