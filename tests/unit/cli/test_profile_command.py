"""`reshelf profile` and `reshelf personalization` on a store of their own."""

import asyncio
import json
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.main import app
from sidecar.config.privacy import Privacy
from sidecar.domain.search import Shopper
from sidecar.profiles.profiles import Profiles, TasteChange
from sidecar.profiles.secret_files import load_keys
from sidecar.profiles.sqlite_store import SqliteStore
from sidecar.profiles.switch import Switch
from sidecar.taste.keys import attribute_key, slope_key
from sidecar.taste.preferences import make_room
from sidecar.taste.state import Taste
from tests.fixtures.vocabularies import FOXMOOR, write

ID = "somebody@example.org"
PREFERENCES = {
    attribute_key("brand", "Foxmoor"): 0.9,
    attribute_key("price", "band 4"): -0.4,
    slope_key("rating"): 0.2,
    attribute_key("brand", "Unheard Of"): 0.1,
}

PROFILE = """
document: {fields: [title]}
personalization:
  attributes: {brand: {field: brand}, price: {field: price, bands: 1}}
  slopes: {rating: {field: rating}}
"""


class Shop:
    """A sidecar's settings, state and records."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        (folder / "profiles").mkdir()
        (folder / "profiles" / "default.yml").write_text(PROFILE)
        write(folder / "vocabularies", FOXMOOR)
        self.config = folder / "sidecar.yml"
        self.config.write_text("state_folder: state\nserved: {kind: sqlite}\n")
        self.keys = load_keys(Privacy(), self.state)

    def run(self, *arguments: object, text: str | None = None) -> Result:
        words = [*map(str, arguments), "--config", str(self.config)]
        environment = {"COLUMNS": "200", "NO_COLOR": "1"}
        return CliRunner().invoke(app, words, input=text, env=environment, catch_exceptions=False)

    def told(self, *arguments: object) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def learn(self, interest: Sequence[float] = (), **shopper: str) -> None:
        """Somebody with these ids likes PREFERENCES and, where told, an interest among items' vectors; a
        login links the ids."""

        def prefer_and_see(taste: Taste) -> None:
            prefer(taste)
            taste.interest = np.array(interest)

        async def change() -> None:
            store = SqliteStore(self.state / "records.db")
            profiles = Profiles(store)
            keys = self.keys.shopper(Shopper(**shopper))
            await profiles.change_many([TasteChange(keys.main, 1, 1, 1_700_000_000.0, prefer_and_see)])
            if keys.users and keys.clients:
                await profiles.link(keys.clients[0], keys.users[0])
            await store.close()

        asyncio.run(change())


def prefer(taste: Taste) -> None:
    taste.updated = time.time()
    keys = np.array(sorted(PREFERENCES), np.uint32)
    rows = make_room(taste, keys, taste.updated)
    taste.long_mean[rows] = [PREFERENCES[int(key)] for key in keys]
    taste.learned = 7


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_show_says_preferences_in_words(shop: Shop) -> None:
    shop.learn(user_id=ID)
    (told,) = shop.told("profile", "show", "--user-id", ID)["profiles"]
    rows = [(row["attribute"], row["value"], round(row["effect"], 1)) for row in told["preferences"]]
    assert rows[:3] == [("brand", "Foxmoor", 0.9), ("price", "16 to 32", -0.4), ("rating", "more", 0.2)]
    assert rows[3][0] == "?" and "not in a vocabulary" in rows[3][1]
    assert (told["of"], told["events_learned"]) == ("user", 7)
    table = shop.run("profile", "show", "--user-id", ID).output
    assert "Foxmoor" in table and "+0.900" in table and "7 events learned" in table


def test_an_interest_in_vectors_is_told(shop: Shop) -> None:
    shop.learn(user_id=ID)
    assert "item_vector" not in shop.told("profile", "show", "--user-id", ID)["profiles"][0]
    shop.learn([0.5, 0.0, -1.2], user_id="another")
    (told,) = shop.told("profile", "show", "--user-id", "another")["profiles"]
    assert told["item_vector"]["strength"] == pytest.approx(1.3, abs=0.01)
    assert told["item_vector"]["interest"] == pytest.approx([0.5, 0.0, -1.2], abs=0.01)
    assert "what looks alike" in shop.run("profile", "show", "--user-id", "another").output


def test_nobody(shop: Shop) -> None:
    shop.learn(user_id="another")
    assert shop.told("profile", "show", "--client-id", "nobody") == {"profiles": []}
    assert "Nothing is known" in shop.run("profile", "show", "--client-id", "nobody").output


def test_an_id_from_stdin(shop: Shop) -> None:
    shop.learn(user_id=ID)
    result = shop.run("profile", "show", "--user-id", "-", "--json", text=ID + "\n")
    assert len(json.loads(result.stdout)["profiles"]) == 1


def test_export_is_for_its_owner_only(shop: Shop, tmp_path: Path) -> None:
    shop.learn(user_id=ID)
    file = tmp_path / "export.json"
    assert shop.run("profile", "export", "--user-id", ID, "-o", file).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["profiles"][0]["preferences"][0]["value"] == "Foxmoor"
    assert ID not in file.read_text()
    assert json.loads(shop.run("profile", "export", "--user-id", ID).stdout)["profiles"]


def test_forget_asks_and_takes_what_is_linked(shop: Shop) -> None:
    shop.learn(user_id=ID, client_id="device")
    refused = shop.run("profile", "forget", "--user-id", ID, text="n\n")
    assert refused.exit_code == 1 and "Forget 2 profile(s)" in refused.output
    assert shop.told("profile", "show", "--user-id", ID)["profiles"][0]["preferences"]
    told = shop.told("profile", "forget", "--user-id", ID, "--yes")
    assert told == {"profiles": 2, "elsewhere": {"served lists": 0}, "failed": {}}
    after = shop.told("profile", "show", "--user-id", ID)["profiles"]
    assert [("forgotten_until" in row, "preferences" in row) for row in after] == [(True, False)]
    assert "forgotten; events" in shop.run("profile", "show", "--user-id", ID).output


def test_a_place_that_cannot_forget_is_told_and_the_command_can_be_run_again(shop: Shop) -> None:
    shop.learn(user_id=ID, client_id="device")
    good = shop.config.read_text()
    shop.config.write_text(
        good.replace("sqlite", "opensearch, opensearch: {url: 'http://127.0.0.1:9', timeout_ms: 300}")
    )
    result = shop.run("profile", "forget", "--user-id", ID, "--yes")
    assert result.exit_code == 1
    assert "NOT forgotten" in result.stderr and "profiles: 2 forgotten" in result.stdout
    shop.config.write_text(good)
    assert shop.told("profile", "forget", "--user-id", ID, "--yes")["profiles"] == 2


def test_who_looked_is_kept_without_ids(shop: Shop) -> None:
    shop.learn(user_id=ID)
    shop.run("profile", "show", "--user-id", ID, "--as", "kim", "--why", "ticket 88")
    shop.run("profile", "show", "--user-id", "another")
    shop.run("personalization", "off", "--as", "kim")
    entries = shop.told("profile", "audit")["entries"]
    assert [(entry["command"], entry["who"] == "kim", entry["why"]) for entry in entries] == [
        ("show", True, "ticket 88"),
        ("show", False, ""),
        ("personalization off", True, ""),
    ]
    assert len(shop.told("profile", "audit", "--user-id", ID)["entries"]) == 1
    assert "ticket 88" in shop.run("profile", "audit").output
    file = shop.state / "audit.jsonl"
    assert ID not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_look_without_a_trail(shop: Shop) -> None:
    shop.learn(user_id=ID)
    (shop.state / "audit.jsonl").mkdir()
    result = shop.run("profile", "show", "--user-id", ID)
    assert result.exit_code == 1 and "Nothing was done" in result.stderr
    assert "Foxmoor" not in result.stdout


def test_no_look_for_a_reason_that_the_trail_does_not_take(shop: Shop) -> None:
    shop.learn(user_id=ID)
    result = shop.run("profile", "show", "--user-id", ID, "--why", "caf\udce9")
    assert result.exit_code == 1 and "not in UTF-8" in result.stderr


def test_the_switch(shop: Shop) -> None:
    shop.learn(user_id=ID)
    assert shop.told("personalization", "status")["enabled"]
    assert "off since" in shop.run("personalization", "off", "--why", "incident 12", "--as", "kim").output
    told = shop.told("personalization", "status")
    assert (told["enabled"], told["why"], told["who"]) == (False, "incident 12", "kim")

    async def seen() -> bool:
        store = SqliteStore(shop.state / "records.db")
        try:
            return (await Switch(store).refresh()).enabled
        finally:
            await store.close()

    assert asyncio.run(seen()) is False
    assert shop.told("personalization", "on")["enabled"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name a shopper"),
        (["--user-id", "-", "--client-id", "-"], "only one of"),
        (["--user-id", "u", "--profile", "absent"], "There are: default"),
    ],
)
def test_refusals(shop: Shop, arguments: list[str], told: str) -> None:
    shop.learn(user_id=ID)
    result = shop.run("profile", "show", *arguments)
    assert result.exit_code == 1 and told in result.stderr


def test_records_that_no_command_can_reach(shop: Shop) -> None:
    assert "no records there yet" in shop.run("personalization", "status").stderr
    assert not (shop.state / "records.db").exists()
    shop.config.write_text("store: {kind: memory}")
    assert "inside the sidecar's process" in shop.run("personalization", "off").stderr
    shop.config.write_text("store: {kind: redis, redis: {addresses: ['127.0.0.1:9']}}\nstate_folder: state")
    assert "store.redis" in shop.run("personalization", "off").stderr


def test_a_new_secret_does_not_hide_what_an_older_one_kept(shop: Shop) -> None:
    shop.learn(user_id=ID)
    (shop.folder / "new.key").write_text("n" * 32)
    settings = shop.config.read_text()
    shop.config.write_text(settings + "privacy: {key_files: [new.key, state/shopper.key]}\n")
    (told,) = shop.told("profile", "show", "--user-id", ID)["profiles"]
    assert (told["of"], told["events_learned"]) == ("user", 7)
    assert shop.told("profile", "forget", "--user-id", ID, "--yes")["profiles"] == 2
    shop.config.write_text(settings)
    (told,) = shop.told("profile", "show", "--user-id", ID)["profiles"]
    assert "preferences" not in told
