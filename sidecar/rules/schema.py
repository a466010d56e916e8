"""The JSON schema of a file of rules, by which editors complete and check while one writes."""

import json
from typing import Any

from sidecar.rules.language.rule import RuleFile

SCHEMA_FILE = "schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def rules_schema() -> dict[str, Any]:
    """The schema. What is left out when it has no value may not be written as empty either."""
    schema = RuleFile.model_json_schema(by_alias=True)
    tidied: dict[str, Any] = _tidied(schema)
    return {
        "$schema": DIALECT,
        "title": "Layout rules of Reshelf",
        **{key: value for key, value in tidied.items() if key != "title"},
    }


def schema_text() -> str:
    """The schema as plugin_config/rules/schema.json holds it."""
    return json.dumps(rules_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _tidied(schema: Any, *, names: bool = False) -> Any:
    """Without null and without pydantic's titles; `names`: the keys are names of properties."""
    if isinstance(schema, list):
        return [_tidied(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: value
        if key in ("default", "enum", "const")
        else _tidied(value, names=key in ("properties", "$defs"))
        for key, value in schema.items()
        if names or not ((key == "title" and isinstance(value, str)) or (key == "default" and value is None))
    }
    if "patternProperties" in found and not names:
        found.setdefault("additionalProperties", False)
    choices = found.get("anyOf")
    if names or not isinstance(choices, list):
        return found
    kept = [one for one in choices if one != {"type": "null"}]
    if len(kept) > 1:
        return {**found, "anyOf": kept}
    found.pop("anyOf")
    return {**kept[0], **found}
