"""The alias file: what it may say, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from sidecar.config.alias import Alias, parse_alias, read_alias
from sidecar.config.errors import ConfigurationError

V1 = {"model": "bert_reranker_v1", "fingerprint": "minilm@1"}
V2 = {"model": "bert_reranker_v2", "fingerprint": "minilm@2"}


def parsed(data: Any) -> Alias:
    return parse_alias(json.dumps(data).encode(), "live.json")


def test_what_is_written_is_what_is_read() -> None:
    alias = parsed({"live": V1, "candidate": V2, "shadow": {"model": V2["model"], "share": 0.1}})
    assert parse_alias(alias.model_dump_json().encode(), "live.json") == alias
    assert [served.model for served in alias.named()] == [V1["model"], V2["model"]]


def test_no_file_is_an_empty_alias(tmp_path: Path) -> None:
    assert read_alias(tmp_path / "live.json") == Alias()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"lief": V1}, r"live\.json: unknown key `lief`\. Did you mean `live`\?"),
        ({"live": {**V1, "version": 3}}, "unknown key `live.version`"),
        ({"live": {"model": "../v1", "fingerprint": "x"}}, r"`live\.model`"),
        ({"live": {"model": "v1", "fingerprint": ""}}, r"`live\.fingerprint`"),
        ({"live": V1, "previous": V1}, "different models"),
        ({"live": V1, "shadow": {"model": V1["model"], "share": 0.1}}, "candidate's name"),
        ({"candidate": V2, "shadow": {"model": V2["model"], "share": 1.5}}, r"`shadow\.share`"),
        ({"format": 2}, "`format`"),
        ([], "expected keys and values, found list"),
    ],
)
def test_what_is_wrong_is_named(data: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parsed(data)


def test_half_a_file_is_no_alias() -> None:
    with pytest.raises(ConfigurationError, match="not valid JSON"):
        parse_alias(json.dumps({"live": V1}).encode()[:-3], "live.json")
