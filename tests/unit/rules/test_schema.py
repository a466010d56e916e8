"""The schema by which editors complete."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from sidecar.rules.empty_values import empty_values
from sidecar.rules.language.rule import Rule, RuleFile
from sidecar.rules.schema import SCHEMA_FILE, rules_schema, schema_text
from sidecar.stack.paths import project_root
from tests.unit.rules.every_key import EVERY_KEY

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
        ({"priority": True}, False),
        ({"priority": "5"}, False),
        ({"holdout": "0.1"}, False),
        ({"enabled": "no"}, False),
        ({"enabled": 0}, False),
        ({"when": {"query": {}}}, False),
        ({"when": {"result": {}}}, False),
        ({"then": [{}]}, False),
        ({"then": [{"hide": {}}]}, False),
        ({"then": [{"hide": {"ids": "x"}, "filter": {"ids": "x"}}]}, False),
        ({"then": [{"bury": {"weight": 2}}]}, False),
        ({"then": [{"boost": {"weight": 2}}]}, False),
        ({"then": [{"boost": {"weight": True, "ids": "x"}}]}, False),
        ({"then": [{"page": {}}]}, False),
        ({"then": [{"diversify": {"first": 5}}]}, False),
        ({"then": [{"diversify": {"max_per_field": {"brand": 0}}}]}, False),
        ({"then": [{"diversify": {"max_per_field": {"brand": 101}}}]}, False),
        ({"then": [{"diversify": {"max_per_field": {"no field": 1}}}]}, False),
        ({"then": [{"pin": {"id": "A", "filter": "x", "position": 1}}]}, False),
        ({"then": [{"pin": {"position": 1}}]}, False),
        ({"active": {"from": "2026-12-24T18:00", "until": "2026-12-24 20:00:00+01:00"}}, True),
        ({"active": {"from": "24.12.2026"}}, False),
        ({"active": {"hours": "22:00-24:30"}}, False),
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


def test_every_key_is_in_the_sample() -> None:
    definitions = rules_schema()["$defs"].values()
    keys = {key for one in definitions for key in one.get("properties", ())}
    assert _keys(EVERY_KEY) >= keys


def test_readers_and_editors_refuse_the_same() -> None:
    """Of every value in turn: it is taken out, a key is added, or another kind of value stands there.

    What the models' own validators say of keys that do not go together, no schema can say.
    """
    schema = jsonschema.Draft202012Validator(rules_schema())
    # Rule by rule of one action: the whole at once takes ten times as long.
    for sound in [
        EVERY_KEY | {"then": [{"metadata": {}}]},
        *({"id": "a", "then": [one]} for one in EVERY_KEY["then"]),
    ]:
        assert schema.is_valid({"rules": [sound]})
        assert not _refused(sound)
        for path, faulty in _with_one_fault(sound):
            written = {"rules": [faulty]}
            refused = _refused(faulty)
            if schema.is_valid(written):
                assert not refused or refused == {"value_error"}, (path, faulty)
            else:
                assert refused, (path, next(schema.iter_errors(written)).message)


WRONG: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        5,
        1.5,
        1e9,
        10**30,
        [],
        {},
        [[]],
        [{}],
        [5],
        [True],
        [None],
        ["x"],
        ["x", "x"],
    ),
    *("", " ", "x", "5", "1.5", "yes", "true", "a b", "a" * 300, "a" * 3000, "2027-01-01", "08:00-24:30"),
    *({"x": 1}, {"x": None}, {"a b": 1}),
]


def _refused(rule: Any) -> set[str]:
    """By what kinds of errors."""
    try:
        Rule.model_validate(rule)
    except ValidationError as error:
        return {one["type"] for one in error.errors()}
    return {"empty" for _ in empty_values(rule, ["metadata"])}


def _with_one_fault(value: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The path of what is changed, and the whole with the change."""
    if isinstance(value, dict):
        yield ("nonsense",), {**value, "nonsense": 1}
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield (key,), _without(value, key)
        for other in WRONG:
            yield (key,), _put(value, key, other)
        if isinstance(value[key], dict | list):
            for path, changed in _with_one_fault(value[key]):
                yield (key, *path), _put(value, key, changed)


def _put(value: Any, key: Any, other: Any) -> Any:
    copied = value.copy()
    copied[key] = other
    return copied


def _without(value: Any, key: Any) -> Any:
    copied = value.copy()
    del copied[key]
    return copied


def _keys(value: Any) -> set[str]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(value if isinstance(value, dict) else (), *map(_keys, inside))


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
