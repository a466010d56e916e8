"""What docs/rules-language.md and the README show can be read, and all that there is, is told of."""

import re
from pathlib import Path

import pytest
import yaml

from sidecar.rules.expression.compiled import compile_filter
from sidecar.rules.expression.parser import FUNCTIONS, MOST_CHARACTERS, MOST_LEVELS, MOST_LISTED
from sidecar.rules.folder import look_through
from sidecar.rules.language.conditions import QueryCondition, When
from sidecar.rules.language.rule import Action, Rule
from sidecar.rules.lint.uses import expressions_of
from sidecar.stack.paths import project_root

TEXT = (project_root() / "docs" / "rules-language.md").read_text(encoding="utf-8")
LINT = project_root() / "sidecar" / "rules"


README = (project_root() / "README.md").read_text(encoding="utf-8")


def blocks(kind: str, text: str = TEXT) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("block", [*blocks("yaml"), *blocks("yaml", README)])
def test_rules_can_be_read(block: str, tmp_path: Path) -> None:
    for included in yaml.safe_load(block).get("include", []):
        (tmp_path / included).parent.mkdir(exist_ok=True)
        (tmp_path / included).write_text("")
    (tmp_path / "a.yml").write_text(block)
    rules, problems = look_through(tmp_path)
    assert problems == []
    errors = [use.error for rule in rules.rules for use in expressions_of(rule) if use.error]
    assert errors == []


def test_expressions_can_be_read() -> None:
    lines = blocks("text")[0].splitlines()
    assert len(lines) >= 9
    for line in lines:
        compile_filter(line)


def test_everything_is_told_of() -> None:
    for name in [*When.model_fields, *Action.model_fields, *Rule.model_fields, *FUNCTIONS]:
        assert re.search(rf"`{name}[`(.]", TEXT), name
    for name in QueryCondition.model_fields:
        assert f"`query.{name}`" in TEXT, name
    for limit in (MOST_CHARACTERS, MOST_LEVELS, MOST_LISTED):
        assert f"{limit:,}" in TEXT


def test_every_check_is_told_of() -> None:
    told = set(re.findall(r"`([a-z0-9-]+)`", TEXT.partition("## What lint finds")[2]))
    for file in [*LINT.glob("lint/*.py"), LINT / "folder.py", LINT / "validation.py"]:
        for check in re.findall(r'"([a-z]+(?:-[a-z0-9]+)+)"', file.read_text(encoding="utf-8")):
            if check not in ("utf-8", "utf-8-sig", "no-folder"):
                assert check in told, f"{check} of {file.name}"
