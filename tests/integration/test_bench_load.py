"""The benchmark under load on a real Triton and a real sidecar, small, with the model's process killed."""

import json
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sidecar.benchmark.load.bed import OTHER_MAX_LENGTH, own_bed
from sidecar.benchmark.load.events import KILL, ROLL_OUT, ROLL_OUT_COMMAND, Event
from sidecar.benchmark.load.outcome import Kind
from sidecar.benchmark.load.run import OFF, WARM, Found, Wanted, measure_load
from sidecar.benchmark.load.searches import StoredSearches
from sidecar.cli.main import app
from sidecar.config.profile import load_profiles
from sidecar.inference.model_folder import MANIFEST
from sidecar.model.build import Built
from sidecar.model.folders import MODEL
from sidecar.model.recipe import decide
from sidecar.model.weights import DEFAULT
from sidecar.stack.paths import cache_folder, project_root

pytestmark = pytest.mark.stack

NOUNS = ["lamp", "shoe", "kettle", "chair", "mug"]
PRODUCTS = {
    f"P{number}": {"title": f"{NOUNS[number % 5]} number {number % 7} red", "brand": "Lumen", "color": "red"}
    for number in range(60)
}


@pytest.fixture(scope="module")
def folder(built_cross_encoder: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests, with the models that the benchmark would take a minute each to build."""
    folder = tmp_path_factory.mktemp("bench-load")
    repository = built_cross_encoder.folder.parent.parent
    for name in ("default", "other"):
        shutil.copytree(repository, folder / "models" / name, copy_function=os.link)
    read_fewer_tokens(folder / "models" / "other" / MODEL / str(built_cross_encoder.version))
    return folder


def read_fewer_tokens(version: Path) -> None:
    """Makes a default model the other one of a roll-out. Its graph is of the same weights; only what it was
    calibrated with would be a little shorter, had it been built."""
    recipe = decide(
        cache=cache_folder(),
        weights=DEFAULT,
        adapter="default",
        vectors=DEFAULT,
        precision="int8",
        max_length=OTHER_MAX_LENGTH,
    )
    manifest = version / MANIFEST
    files = json.loads(manifest.read_text())["files"]
    manifest.unlink()  # a link to the default's
    manifest.write_text(json.dumps({**recipe.manifest(), "files": files}))


def searches() -> StoredSearches:
    profile = load_profiles(project_root() / "plugin_config" / "profiles")["default"]
    return StoredSearches(PRODUCTS, "default", profile, 8)


def wanted(folder: Path, **changed: object) -> Wanted:
    given: dict[str, object] = {
        "deadline": 5.0,
        "exponents": [1.0],
        "distinct": 20,
        "step_seconds": 2.0,
        "warm": 20,
        "arms": [WARM],
        "rate": 5.0,
        "events": [],
        "event_seconds": 8.0,
        "seed": 1,
        "folder": folder,
        "cache": cache_folder(),
        "settings": {},
    }
    return Wanted(**{**given, **changed})  # type: ignore[arg-type]


def measured(wanted: Wanted) -> Found:
    return measure_load(wanted, searches(), None, lambda _: None)


def test_a_killed_model_process_is_seen_and_repaired(folder: Path) -> None:
    found = measured(wanted(folder, events=[Event(4.0, KILL)], event_seconds=14.0))
    (run,) = found.eventful
    assert run.before.kinds[Kind.FULL] == run.before.searches > 0
    assert run.happened[0].event.status == 0
    assert run.whole.searches > run.before.searches
    assert run.whole.mixed == run.whole.unlike == 0
    assert run.happened[0].back is not None
    assert len(run.whole.models) == 1


def test_without_caches_nothing_is_kept(folder: Path) -> None:
    with own_bed(folder, cache_folder(), caches=False, settings={}) as bed:
        config = (folder / "models" / "uncached" / MODEL / "config.pbtxt").read_text()
        assert 'key: "cache_mib" value { string_value: "0" }' in config
        assert bed.triton_pid() > 0
        assert bed.environment["TRITON"]


def test_an_arm_that_is_not_there_is_refused() -> None:
    result = CliRunner().invoke(app, ["bench-load", "--arms", "off,lukewarm"], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert "lukewarm" in result.output
    assert OFF not in result.output


def test_a_roll_out_changes_the_model_and_loses_no_search(folder: Path) -> None:
    events = [Event(3.0, ROLL_OUT, ROLL_OUT_COMMAND)]
    found = measured(wanted(folder, events=events, event_seconds=25.0))
    (run,) = found.eventful
    assert run.happened[0].event.status == 0, run.happened[0].event.told
    assert len(run.whole.models) == 2
    assert run.whole.kinds[Kind.FAILED] == run.whole.mixed == run.whole.unlike == 0
