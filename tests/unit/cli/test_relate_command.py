"""`reshelf personalization relate`: from a served log to a file that a profile names."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.main import app
from sidecar.config.profile import load_profile
from sidecar.served.packed import PackedList
from sidecar.served.sqlite import SqliteServedLog
from sidecar.taste.keys import attribute_key
from sidecar.taste.traits import Traits
from tests.fixtures.served_lists import outcome, served_list

BRANDS = [attribute_key("brand", name) for name in ("acme", "bolt", "core", "dune")]
SHOPPERS = 12


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Shoppers in turn click the first two brands, or the last two."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "default.yml").write_text("document: {fields: [title]}\npersonalization: {}\n")
    file = tmp_path / "sidecar.yml"
    file.write_text("state_folder: state\nserved: {kind: sqlite}\n")
    asyncio.run(_fill(tmp_path / "state" / "served.db"))
    return file


async def _fill(file: Path) -> None:
    file.parent.mkdir()
    log = SqliteServedLog(file)
    for person in range(SHOPPERS):
        for search in range(4):
            query, shopper = f"q{person}.{search}", f"s{person}"
            one = served_list(query, shopper, hits=4, slopes=(), attributes=("brand",))
            keys = np.array(BRANDS, np.uint32)[:, None]
            one = replace(one, traits=Traits(keys, np.zeros((4, 0), np.float32), ["brand"], []))
            await log.add([PackedList.of(one)])
            place = 2 * (person % 2) + search % 2
            await log.add_outcomes([outcome(query, shopper, object_id=f"p{place}", place=place, event=query)])
    await log.close()


def relate(config: Path, *options: object) -> Result:
    words = ["personalization", "relate", "--config", str(config), *map(str, options)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "200", "NO_COLOR": "1"})


def test_brands_that_the_same_shoppers_click_become_alike(config: Path, tmp_path: Path) -> None:
    output = tmp_path / "kinship" / "shop.yml"
    options = ("--output", output, "--fewest", 3, "--dimensions", 2, "--json")
    result = relate(config, *options)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["values"], told["clicks"], told["shoppers"]) == (4, 4 * SHOPPERS, SHOPPERS)
    profile = tmp_path / "profiles" / "default.yml"
    profile.write_text("document: {fields: [title]}\npersonalization: {kinship: ../kinship/shop.yml}\n")
    section = load_profile(profile).personalization
    assert section is not None
    assert section.kinship is not None
    assert section.kinship.version == told["version"]
    acme, bolt, core, dune = (np.array(section.kinship.vectors[key]) for key in BRANDS)
    assert acme @ bolt > 0 > acme @ core
    assert core @ dune > 0 > bolt @ dune
    assert "4 values" in relate(config, *options[:-1]).output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--output", "kinship.json"], ".yml"),
        (["--output", "l.yml", "--fewest", "50"], "lower --fewest"),
        (["--output", "l.yml", "--attribute", "shape"], "the profile learns of brand"),
        (["--output", "l.yml", "--profile", "nowhere"], "no such ranking profile"),
        (["--output", "l.yml", "--since", "soon"], "2026-05-01"),
    ],
)
def test_what_cannot_be_done_is_told_with_the_fix(config: Path, options: list[str], told: str) -> None:
    result = relate(config, *options)
    assert result.exit_code != 0
    assert told in result.output
    assert not Path("l.yml").exists()
