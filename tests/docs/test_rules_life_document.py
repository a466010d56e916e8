"""What docs/rules-life.md shows is what happens."""

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner

from sidecar.cli.main import app
from sidecar.config.sidecar import SidecarSettings
from sidecar.evaluation.golden.model import Expectations, GoldenSearch
from sidecar.ranking.layout.release_metrics import ReleaseMetrics
from tests.docs.commands import ROOT

TEXT = (ROOT / "docs" / "rules-life.md").read_text()
GOLDEN, SETTINGS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
(FAILED,) = re.findall(r"```\n(tests/boots.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "boots.yml").write_text(GOLDEN)
    return tmp_path


def golden_output(folder: Path) -> str:
    return CliRunner().invoke(app, ["rules", "test", "--dir", str(folder)]).output


def test_the_golden_test_passes_with_the_rules_that_are_shipped(folder: Path) -> None:
    shipped = ROOT / "plugin_config" / "rules" / "merchandising.yml"
    (folder / shipped.name).write_text(shipped.read_text())
    assert golden_output(folder) == "1 passed, 0 failed\n"


def test_what_fails_is_told_as_shown(folder: Path) -> None:
    (folder / "a.yml").write_text(
        "rules: [{id: sold-out-last, when: {locale: fr}, then: [{demote_unavailable: {}}]}]"
    )
    assert golden_output(folder) == FAILED


def test_the_settings_are_valid_and_the_defaults() -> None:
    assert SidecarSettings.model_validate(yaml.safe_load(SETTINGS)).rules == SidecarSettings().rules


@pytest.mark.parametrize("model", [GoldenSearch, Expectations])
def test_every_key_of_a_test_is_told(model) -> None:
    tables = "\n".join(line for line in TEXT.splitlines() if line.startswith("| `"))
    assert [name for name in model.model_fields if f"`{name}`" not in tables] == []


def test_the_metrics_are_there() -> None:
    registry = CollectorRegistry()
    ReleaseMetrics(registry)
    known = {sample.name for metric in registry.collect() for sample in metric.samples}
    named = set(re.findall(r"reshelf_rules_\w+", TEXT))
    assert named
    assert named <= known
