"""`reshelf served`, `reshelf blend-online` and `reshelf events replay` on state of their own."""

import asyncio
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.main import app
from sidecar.config.online_blend import OnlineBlend
from sidecar.config.personalization import Examination
from sidecar.config.privacy import Privacy
from sidecar.domain.event import EventKind
from sidecar.feedback.blend_learner import BlendLearner
from sidecar.profiles.secret_files import load_keys
from sidecar.profiles.sqlite_store import SqliteStore
from sidecar.served.packed import PackedList
from sidecar.served.sqlite import SqliteServedLog
from sidecar.taste.state import OpenPage
from sidecar.training.sources.clicks import load_log
from tests.fixtures.served_lists import NOW, key, outcome, served_list

QUERY_ID = "33198ee9-5912-453c-9173-3f92fd3cb1be"


class State:
    """A sidecar's settings and state, with three lists in its log; the first one is of QUERY_ID."""

    def __init__(self, folder: Path) -> None:
        (folder / "profiles").mkdir()
        (folder / "profiles" / "default.yml").write_text("document: {fields: [title]}\n")
        self.state = folder / "state"
        self.config = folder / "sidecar.yml"
        self.config.write_text("state_folder: state\nserved: {kind: sqlite}\n")
        self.keys = load_keys(Privacy(), self.state)
        self.query = self.keys.query(QUERY_ID)
        asyncio.run(self._fill())

    async def _fill(self) -> None:
        log = SqliteServedLog(self.state / "served.db")
        first = replace(served_list(hits=30), query=self.query)
        lists = [first, served_list("q2", "bert", time=NOW + 86_400), served_list("q3", "carl")]
        await log.add([PackedList.of(one) for one in lists])
        told = [
            replace(outcome(object_id="p1", place=1, event="1"), query=self.query),
            replace(outcome(object_id="p1", place=1, event="2", kind=EventKind.PURCHASE), query=self.query),
            replace(outcome(object_id="p14", place=14, event="3"), query=self.query),
            outcome("q2", "bert", object_id="p0", place=0, time=NOW + 86_500),
        ]
        await log.add_outcomes(told)
        await log.close()

    def learn(self) -> None:
        async def write() -> None:
            store = SqliteStore(self.state / "records.db")
            learner = BlendLearner(OnlineBlend(), Examination())
            page = OpenPage(key("q"), NOW, outcomes={1: EventKind.CLICK})
            for seq in range(1, 30):
                learner.page(seq, served_list(seed=seq), page)
            await learner.write(store, learner.take(1))
            await store.close()

        asyncio.run(write())

    def run(self, *arguments: object, text: str | None = None) -> Result:
        words = [*map(str, arguments), "--config", str(self.config)]
        environment = {"COLUMNS": "200", "NO_COLOR": "1"}
        return CliRunner().invoke(app, words, input=text, env=environment, catch_exceptions=False)

    def told(self, *arguments: object, text: str | None = None) -> Any:
        result = self.run(*arguments, "--json", text=text)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


def rows(file: Path) -> list[Any]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        return [json.loads(line) for line in lines]


def test_a_fetched_document_is_shown_without_figures(state: State) -> None:
    served = served_list(hits=3)
    served.ranks[1] = 0

    async def write() -> None:
        log = SqliteServedLog(state.state / "served.db")
        await log.add([PackedList.of(replace(served, query=state.keys.query("fetched")))])
        await log.close()

    asyncio.run(write())
    output = state.run("served", "show", "fetched", "--why", "a test").stdout
    (line,) = [line for line in output.splitlines() if " p1 " in line]
    assert [cell.strip() for cell in line.strip("│").split("│")] == ["2", "fetched", "p1", "", "", ""]


def test_a_list_is_shown_with_what_came_of_it(state: State) -> None:
    told = state.told("served", "show", QUERY_ID)
    assert [hit["id"] for hit in told["hits"][:2]] == ["p0", "p1"]
    assert [hit.get("outcome") for hit in told["hits"][:3]] == [None, "purchase", None]
    assert [hit["seen"] for hit in told["hits"]] == [True] * 10 + [False] * 20
    assert "purchase" in state.run("served", "show", "-", text=QUERY_ID + "\n").output


def test_looking_leaves_a_trace(state: State) -> None:
    state.told("served", "show", QUERY_ID, "--why", "ticket 88")
    trail = (state.state / "audit.jsonl").read_text()
    assert "ticket 88" in trail
    assert QUERY_ID not in trail
    assert key("anna").hex() not in trail


def test_an_unknown_query_is_said(state: State) -> None:
    result = state.run("served", "show", "unheard-of")
    assert result.exit_code == 1
    assert "nothing was served" in result.output
    assert "unheard-of" not in result.output


@pytest.mark.parametrize("name", ["rows.ndjson", "rows.ndjson.gz"])
def test_rows_are_exported(state: State, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    assert state.told("served", "export", "-o", file) == {"lists": 3, "outcomes": 4, "without_words": 0}
    found = rows(file)
    assert len(found) == 3
    assert set(found[0]["hits"][0]["features"]) == {"relevance", "ctr"}
    assert file.stat().st_mode & 0o777 == 0o600
    everything = json.dumps(found)
    for shopper in ("anna", "bert", "carl"):
        assert key(shopper).hex() not in everything


def test_days_and_outcomes_narrow_an_export(state: State, tmp_path: Path) -> None:
    file = tmp_path / "rows.ndjson"
    assert state.told("served", "export", "-o", file, "--outcomes-only")["lists"] == 2
    day = "2027-01-16"
    assert state.told("served", "export", "-o", file, "--since", day)["lists"] == 1
    assert state.told("served", "export", "-o", file, "--until", day)["lists"] == 2
    assert state.run("served", "export", "-o", file, "--since", "yesterday").exit_code == 1


def test_what_was_forgotten_is_not_exported(state: State, tmp_path: Path) -> None:
    async def forget() -> None:
        log = SqliteServedLog(state.state / "served.db")
        await log.forget([key("anna")], NOW + 60)
        await log.close()

    asyncio.run(forget())
    file = tmp_path / "rows.ndjson"
    assert state.told("served", "export", "-o", file)["lists"] == 2
    assert state.query.hex() not in file.read_text()


def test_clicks_to_train_on_get_their_words_from_the_shop(state: State, tmp_path: Path) -> None:
    queries, file = tmp_path / "ubi_queries.ndjson", tmp_path / "clicks.ndjson"
    queries.write_text(json.dumps({"query_id": QUERY_ID, "user_query": "red  shoes"}) + "\n")
    told = state.told("served", "export", "-o", file, "--queries", queries)
    assert told == {"lists": 1, "outcomes": 3, "without_words": 2}
    log = load_log(file)
    assert not log.problems
    (answer,) = log.answers["red shoes"]
    assert {shown.product: shown.place for shown in answer} == {
        **{f"p{n}": n for n in range(10)},
        "p14": 14,
    }
    assert {shown.product for shown in answer if shown.chosen} == {"p1", "p14"}


def test_an_export_that_fails_leaves_nothing(state: State, tmp_path: Path) -> None:
    state.config.write_text("state_folder: state\nserved: {kind: memory}\n")
    file = tmp_path / "rows.ndjson"
    result = state.run("served", "export", "-o", file)
    assert result.exit_code == 1
    assert "memory" in result.output
    assert not list(tmp_path.glob("rows*"))


def test_the_blend_is_shown_kept_and_gone_back_to(state: State) -> None:
    (state.state / "records.db").touch()
    assert state.told("blend-online", "status") == {"learned": False, "snapshots": []}
    assert state.run("blend-online", "snapshot").exit_code == 1
    state.learn()
    told = state.told("blend-online", "status")
    assert told["pages"] == 29
    assert not told["counts"]
    assert "relevance" in told["weights"]
    name = state.told("blend-online", "snapshot")["snapshot"]
    assert state.told("blend-online", "status")["snapshots"] == [name]
    assert name in state.run("blend-online", "status").output
    assert state.told("blend-online", "rollback", name) == {"restored": name}
    assert state.run("blend-online", "rollback", "17").exit_code == 1


def told_by_a_shop(searches: int, clicked: int) -> list[dict[str, Any]]:
    """Of each search six impressions, then a click on the hit at the place `clicked`."""
    return [
        {
            "application": "shop",
            "action_name": action,
            "query_id": f"q{search}",
            "client_id": "c1",
            "timestamp": 1_733_000_000_000 + search * 1_000_000 + place,
            "event_attributes": {"object": {"object_id": f"p{place}"}, "position": {"ordinal": place}},
        }
        for search in range(searches)
        for action, places in (("impression", range(6)), ("click", [clicked]))
        for place in places
    ]


def test_a_log_is_replayed(tmp_path: Path) -> None:
    log, products = tmp_path / "events.ndjson", tmp_path / "products.ndjson"
    shown = told_by_a_shop(searches=4, clicked=2)
    wrong = {"application": "shop", "query_id": "q1"}
    log.write_text("".join(json.dumps(one) + "\n" for one in [*shown, wrong, shown[0]]))
    products.write_text(
        "".join(json.dumps({"product_id": f"p{n}", "brand": f"b{n}"}) + "\n" for n in range(6))
    )
    arguments = ["events", "replay", str(log), "--products", str(products)]
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    told = json.loads(result.stdout)
    assert (told["events"], told["repeated"], sum(told["refused"].values())) == (29, 1, 1)
    assert told["attributed"] == {"hit": 28}
    assert (told["lists"], told["hits_with_traits"]) == (4, 24)
    assert (told["shoppers_learned"], told["clicks_foretold"]) == (1, 4)
    assert told["taste_nats_per_click"] > 0
    assert "Few clicks" in CliRunner().invoke(app, arguments).output


def test_a_log_is_replayed_by_a_profile_with_the_products_vectors(tmp_path: Path) -> None:
    log, products = tmp_path / "events.ndjson", tmp_path / "products.ndjson"
    events = told_by_a_shop(searches=6, clicked=3)
    log.write_text("".join(json.dumps(one) + "\n" for one in events))
    rows = [{"product_id": f"p{n}", "look": [1, 0.5, -n] if n % 2 else [1, 0.5, n]} for n in range(6)]
    products.write_text("".join(json.dumps(row) + "\n" for row in rows))
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    section = "personalization: {attributes: {}, slopes: {}, item_vector: {field: look, dimensions: 3}}"
    (profiles / "looks.yml").write_text("document: {fields: [title]}\n" + section + "\n")
    (profiles / "default.yml").write_text("document: {fields: [title]}\n")
    asked = ["events", "replay", str(log), "--products", str(products), "--profiles", str(profiles), "--json"]
    result = CliRunner().invoke(app, [*asked, "--profile", "looks"], catch_exceptions=False)
    assert json.loads(result.stdout)["taste_nats_per_click"] > 0, result.output
    refused = CliRunner().invoke(app, [*asked, "--profile", "default"])
    assert refused.exit_code != 0
    assert "no section `personalization`" in refused.output
