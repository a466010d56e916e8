"""Searches under rules and without, in one run."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from sidecar.benchmark.paired import Difference, Latency
from sidecar.benchmark.report import show_overhead
from sidecar.benchmark.ruled import WITHOUT_RULES, ruled_settings
from sidecar.config.profile import load_profiles
from sidecar.rules.folder import read_folder
from sidecar.rules.folder_releases import FolderReleases
from sidecar.stack.paths import project_root

CONFIG = project_root() / "plugin_config"


def test_a_sidecar_has_the_rules_and_a_profile_that_leaves_them_out(tmp_path: Path) -> None:
    rules = read_folder(CONFIG / "rules")
    settings = ruled_settings(tmp_path / "ruled", CONFIG, rules)
    profiles = load_profiles(Path(settings["profiles"]["folder"]))
    without, default = profiles[WITHOUT_RULES], profiles["default"]
    assert default.layout.enabled
    assert without.relevance == default.relevance
    assert without.layout == default.layout.model_copy(update={"enabled": False})
    live = FolderReleases(Path(settings["rules"]["folder"]["path"])).latest()
    assert live is not None
    assert live.number == 1


def test_the_table_tells_what_rules_cost_where_they_were_measured() -> None:
    row = {
        "k": 100,
        "page": "10",
        "clients": 1,
        "searches": 4,
        "failures": 0,
        "plain": Latency.of([0.002] * 4),
        "reshelf": Latency.of([0.005] * 4),
        "overhead": Difference.of([0.005] * 4, [0.002] * 4),
        "control": Difference.of([0.002] * 4, [0.002] * 4),
        "sidecar_cpu_ms": 1.5,
    }
    ruled = {"ruled": Latency.of([0.006] * 4), "rules": Difference.of([0.006] * 4, [0.005] * 4)}
    for rows, told in (([row], False), ([{**row, **ruled}], True)):
        console = Console(record=True, width=220, file=StringIO())
        show_overhead(console, rows)
        text = console.export_text()
        assert ("under rules" in text) == told
        assert ("+1.00" in text) == told
