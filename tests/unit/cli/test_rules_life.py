"""`reshelf rules` from the folder to the history: publish, history, diff, rollback, test."""

import asyncio
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from sidecar.cli.main import app
from sidecar.profiles.audit import AuditTrail, Entry
from sidecar.rules.folder_releases import FolderReleases
from sidecar.served.packed import PackedList
from sidecar.served.sqlite import SqliteServedLog
from tests.fixtures.served_lists import outcome, served_list

HIDE = "rules:\n  - id: hide-a\n    then: [{hide: {ids: [A]}}]\n"
PIN = "rules:\n  - id: pin-b\n    when: {query: {exact: shoes}}\n    then: [{pin: {id: B, position: 1}}]\n"
TESTS = """
tests:
  - name: b stands first
    search: {query: shoes}
    hits: [{id: C}, {id: B}]
    expect: {first: [B]}
"""


class Shop:
    """A folder of rules, a sidecar's settings, and the commands on both."""

    def __init__(self, folder: Path) -> None:
        self.rules = folder / "rules"
        (self.rules / "tests").mkdir(parents=True)
        profiles = folder / "profiles"
        profiles.mkdir()
        (profiles / "default.yml").write_text("document: {fields: [title]}\n")
        self.config = folder / "sidecar.yml"
        self.state = folder / "state"
        self.config.write_text(
            yaml.safe_dump(
                {
                    "scorer": {"kind": "order"},
                    "state_folder": str(self.state),
                    "rules": {"kind": "folder"},
                    "served": {"kind": "sqlite"},
                    "profiles": {"folder": str(profiles)},
                }
            )
        )
        self.profiles = profiles

    @property
    def releases(self) -> FolderReleases:
        return FolderReleases(self.state / "rules")

    def write(self, text: str, name: str = "r.yml") -> None:
        (self.rules / name).write_text(text)

    def invoke(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["rules", *arguments], env={"COLUMNS": "200", "NO_COLOR": "1"})

    def run(self, *arguments: str, code: int = 0) -> str:
        found = self.invoke(*arguments)
        assert found.exit_code == code, found.output
        return found.output

    def publish(self, *arguments: str, code: int = 0) -> str:
        return self.run(
            "publish",
            "--config",
            str(self.config),
            "--dir",
            str(self.rules),
            "--as",
            "anna",
            *arguments,
            code=code,
        )

    def asked(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--config", str(self.config), "--json", code=code))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_from_nothing_to_live_and_back(shop: Shop) -> None:
    shop.write(HIDE)
    assert "Version 1@" in shop.publish("--why", "first")
    shop.write(PIN)
    output = shop.publish("--why", "second")
    assert "- hide-a" in output
    assert "+ pin-b" in output
    history = shop.asked("history")["versions"]
    assert [(one["number"], one["who"], one["why"], one["rules"]) for one in history] == [
        (2, "anna", "second", 1),
        (1, "anna", "first", 1),
    ]
    told = shop.asked("rollback", "--why", "no")["published"]
    assert (told["number"], told["rolled_back_to"]) == (3, 1)
    assert shop.asked("diff", "1", "3")["changes"] == []
    assert [change["rule"] for change in shop.asked("diff", "2", "3")["changes"]] == ["hide-a", "pin-b"]
    commands = [entry.command for entry in AuditTrail(shop.state).entries()]
    assert [command.split()[:2] for command in commands] == [["rules", "publish"]] * 2 + [
        ["rules", "rollback"]
    ]


def test_publishing_prunes_the_oldest_and_history_says_so(shop: Shop) -> None:
    settings = yaml.safe_load(shop.config.read_text())
    settings["rules"]["keep"] = 10
    shop.config.write_text(yaml.safe_dump(settings))
    for number in range(12):
        shop.write(HIDE.replace("hide-a", f"hide-{number}"))
        output = shop.publish("--why", "again")
        assert ("Pruned 1 of the oldest" in output) == (number >= 10)
    told = shop.asked("history")
    assert [one["number"] for one in told["versions"]] == list(range(12, 2, -1))
    assert told["begins_with"] == 3
    assert not any(one["problem"] for one in told["versions"])
    assert "Versions before 3 were pruned" in shop.run("history", "--config", str(shop.config))
    assert shop.asked("history", "--limit", "5")["begins_with"] is None
    refused = shop.run("rollback", "1", "--config", str(shop.config), "--why", "x", code=1)
    assert "There are 3 to 12." in refused
    # Going back to the oldest, and then before it, stays possible while that one is live.
    shop.asked("rollback", "4", "--why", "x")
    assert shop.asked("history", "--limit", "20")["begins_with"] == 3
    assert shop.asked("rollback", "--why", "x")["published"]["rolled_back_to"] == 3


def test_rolling_back_twice_goes_further_back(shop: Shop) -> None:
    for name in ("a", "b", "c"):
        shop.write(HIDE.replace("hide-a", name))
        shop.publish("--why", name)
    assert shop.asked("rollback", "--why", "x")["published"]["rolled_back_to"] == 2
    assert shop.asked("rollback", "--why", "x")["published"]["rolled_back_to"] == 1
    shop.run("rollback", "--config", str(shop.config), "--why", "x", code=1)


def test_a_named_version_comes_back(shop: Shop) -> None:
    for name in ("a", "b", "c"):
        shop.write(HIDE.replace("hide-a", name))
        shop.publish("--why", name)
    assert shop.asked("rollback", "1", "--why", "x")["published"]["rolled_back_to"] == 1
    assert "live already" in shop.run("rollback", "4", "--config", str(shop.config), "--why", "x", code=1)
    assert "There are 1 to 4" in shop.run("rollback", "9", "--config", str(shop.config), "--why", "x", code=1)


def test_the_reason_is_not_left_out(shop: Shop) -> None:
    shop.write(HIDE)
    assert "--why" in shop.publish(code=1)
    assert shop.releases.latest() is None


@pytest.mark.parametrize(
    "said", [("--why", "x" * 2001), ("--why", "caf\udce9"), ("--why", "x", "--as", " ")], ids=range(3)
)
def test_what_no_version_takes_is_not_noted_either(shop: Shop, said: tuple[str, ...]) -> None:
    shop.write(HIDE)
    assert "UTF-8" in shop.publish(*said, code=1)
    assert list(AuditTrail(shop.state).entries()) == []


def test_the_trail_tells_of_what_was_not_published(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write(HIDE)
    publish = FolderReleases.publish

    def overtaken(self: FolderReleases, rules: str, **said: Any) -> Any:
        publish(self, rules, **{**said, "who": "bert"})
        return publish(self, rules, **said)

    monkeypatch.setattr(FolderReleases, "publish", overtaken)
    assert "published by bert meanwhile" in shop.publish("--why", "x", code=1)
    commands = [entry.command for entry in AuditTrail(shop.state).entries()]
    assert commands == [commands[0], f"{commands[0]}: not published"]


def test_equal_rules_are_not_published_twice(shop: Shop) -> None:
    shop.write(HIDE)
    shop.publish("--why", "first")
    shop.write("# a comment\n" + HIDE)
    assert "Nothing differs from version 1" in shop.publish("--why", "again")
    assert "Nothing differs" in json.loads(shop.publish("--why", "again", "--json"))["note"]
    assert len(shop.releases.history(9)) == 1


def test_a_dry_run_shows_and_publishes_nothing(shop: Shop) -> None:
    shop.write(HIDE)
    assert "Would publish: 1 added" in shop.publish("--dry-run")
    assert shop.releases.latest() is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("publish", "--dir", "RULES", "--config", "CONFIG"),
        ("rollback", "--why", "x", "--config", "CONFIG"),
        ("diff", "live", "9", "--config", "CONFIG"),
        ("history", "--config", "none.yml"),
        ("stats", "--config", "none.yml"),
        ("shares", "nobody", "--config", "CONFIG"),
        ("preview", "shoes", "--profile", "nobody", "--no-model", "--dir", "RULES", "--config", "CONFIG"),
        ("test", "--dir", "RULES", "--profile", "nobody"),
        ("lint", "--dir", "RULES", "--profile", "nobody"),
        ("lint", "--dir", "x" * 300),
    ],
    ids=lambda arguments: arguments[0],
)
def test_programs_are_told_of_errors_too(shop: Shop, arguments: tuple[str, ...]) -> None:
    shop.write(HIDE)
    known = {"RULES": str(shop.rules), "CONFIG": str(shop.config)}
    result = shop.invoke(*(known.get(word, word) for word in arguments), "--json")
    assert result.exit_code == 1
    assert f"reshelf: {json.loads(result.stdout)['error']}\n" == result.stderr


@pytest.mark.parametrize("command", ["test", "diff"])
def test_programs_are_told_of_problems_too(shop: Shop, command: str) -> None:
    shop.write("rules:\n  - id: x\n    then: [{hied: {ids: [A]}}]\n")
    where = ("--profiles", str(shop.profiles)) if command == "test" else ("--config", str(shop.config))
    result = shop.invoke(command, "--dir", str(shop.rules), *where, "--json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)["problems"]
    assert (problem["check"], problem["file"], problem["line"]) == ("unknown-key", "r.yml", 3)
    assert "r.yml:3" in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules:\n  - id: x\n    then: [{hied: {ids: [A]}}]\n", "Did you mean `hide`"),
        ("rules:\n  - id: x\n    then: [{hide: {filter: 'price <'}}]\n", "r.yml:3"),
        ("rules: [\n", "r.yml"),
    ],
)
def test_errors_stop_it(shop: Shop, text: str, words: str) -> None:
    shop.write(text)
    assert words in shop.publish("--why", "x", code=1)
    assert shop.releases.latest() is None


def test_golden_tests_that_fail_stop_it(shop: Shop) -> None:
    shop.write(PIN)
    shop.write(TESTS.replace("first: [B]", "first: [C]"), "tests/t.yml")
    output = shop.publish("--why", "x", code=1)
    assert "tests/t.yml:3: b stands first" in output
    assert "Nothing was published" in output
    assert shop.releases.latest() is None
    told = json.loads(shop.publish("--why", "x", "--json", code=1))
    assert told["published"] is None
    assert told["tests"]["failed"][0]["line"] == 3
    shop.write(TESTS, "tests/t.yml")
    assert "1 passed" in shop.publish("--why", "x")


def test_golden_tests_by_themselves(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write(PIN)
    shop.write(TESTS, "tests/t.yml")
    options = ("test", "--dir", str(shop.rules), "--profiles", str(shop.profiles))
    assert "1 passed, 0 failed" in shop.run(*options)
    shop.write(TESTS.replace("first: [B]", "at: {B: 2}"), "tests/t.yml")
    assert "tests/t.yml:6: `B` stands at place 1, not at 2." in shop.run(*options, code=1)
    assert json.loads(shop.run(*options, "--json", code=1))["passed"] == 0
    shop.write(TESTS.replace("hits: [{id: C}, {id: B}]", "index: shop"), "tests/t.yml")
    monkeypatch.delenv("RESHELF_OPENSEARCH", raising=False)
    assert "1 skipped" in shop.run(*options)


def test_golden_tests_of_an_index_ask_the_cluster_that_was_named(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write(PIN)
    shop.write(TESTS.replace("hits: [{id: C}, {id: B}]", "index: shop"), "tests/t.yml")
    options = ("test", "--dir", str(shop.rules), "--profiles", str(shop.profiles))
    nowhere = "http://127.0.0.1:1"
    assert "cannot be reached" in shop.run(*options, "--opensearch", nowhere, code=1)
    monkeypatch.setenv("RESHELF_OPENSEARCH", nowhere)
    assert "cannot be reached" in shop.run(*options, code=1)


def test_the_difference_between_folder_and_live(shop: Shop) -> None:
    shop.write(HIDE)
    shop.publish("--why", "x")
    shop.write(HIDE.replace("[A]", "[A, B]") + "    description: a word\n")
    output = shop.run("diff", "--config", str(shop.config), "--dir", str(shop.rules))
    assert "~ hide-a" in output
    assert "description: {+a word+}" in output
    assert "then[0].hide.ids[1]: {+B+}" in output
    assert "live → folder: 1 changed" in output
    assert "no difference" in shop.run("diff", "live", "1", "--config", str(shop.config))
    assert "name a version" in shop.run("diff", "x", "--config", str(shop.config), code=1)


def test_a_history_that_was_changed_shows(shop: Shop) -> None:
    for name in ("a", "b", "c"):
        shop.write(HIDE.replace("hide-a", name))
        shop.publish("--why", name)
    file = shop.state / "rules" / "000002.json"
    file.write_text(file.read_text().replace('"anna"', '"bert"'))
    output = shop.run("history", "--config", str(shop.config), code=1)
    assert "broken" in output
    assert "version 2: changed after it was published" in output
    file.unlink()
    assert "version 3: version 2 is missing" in shop.run("history", "--config", str(shop.config), code=1)


def test_publishing_after_a_damaged_version(shop: Shop) -> None:
    shop.write(HIDE)
    shop.publish("--why", "x")
    (shop.state / "rules" / "000002.json").write_text("{")
    assert "cannot be used" in shop.run(
        "diff", "--config", str(shop.config), "--dir", str(shop.rules), code=1
    )
    assert "version 2 cannot be compared" in shop.publish("--why", "mend")
    newest = shop.releases.latest()
    assert newest is not None
    assert newest.number == 3


def test_nothing_was_published(shop: Shop) -> None:
    assert "Nothing was published yet" in shop.run("history", "--config", str(shop.config))
    assert "nothing to go back to" in shop.run("rollback", "--config", str(shop.config), "--why", "x", code=1)
    assert shop.asked("history") == {"versions": [], "begins_with": None, "note": ""}


def test_a_store_that_was_deleted_is_not_one_where_nothing_was_published(shop: Shop) -> None:
    for name in ("a", "b"):
        shop.write(HIDE.replace("hide-a", name))
        shop.publish("--why", name)
    assert shop.asked("history")["note"] == ""
    shutil.rmtree(shop.state / "rules")
    trail = AuditTrail(shop.state)
    for command in ("rules publish 1234", "rules publish 1234: perhaps not published", "profile show"):
        trail.add(Entry("2027-01-01T00:00:00+00:00", "anna", command))
    assert "knows of 2 published from here" in shop.asked("history")["note"]
    output = shop.run("history", "--config", str(shop.config))
    assert "Was the store deleted" in output
    assert "Nothing was published" not in output


def test_words_in_brackets_are_no_markup(shop: Shop) -> None:
    shop.write(HIDE)
    shop.publish("--why", "[bold]not bold[/bold] [/]")
    assert "[bold]not bold[/bold] [/]" in shop.run("history", "--config", str(shop.config))


def test_no_rules_are_followed(shop: Shop) -> None:
    shop.config.write_text(shop.config.read_text().replace("kind: folder", "kind: none"))
    shop.write(HIDE)
    assert "publishes nowhere" in shop.publish("--why", "x", code=1)


def test_stats_of_an_empty_log(shop: Shop) -> None:
    shop.write(HIDE)
    shop.publish("--why", "x")
    told = shop.asked("stats")
    assert told["searches"] == 0
    assert told["dead"] == ["hide-a"]
    assert "Never matched: hide-a" in shop.run("stats", "--config", str(shop.config))


def test_rules_for_crawlers_are_not_called_dead(shop: Shop) -> None:
    """The log does not know crawlers."""
    conditions = {
        "bots": "{crawler: true}",
        "bots-somewhere": "{any: [{crawler: true, device: tv}, {crawler: true, device: phone}]}",
        "people": "{crawler: false}",
        "either": "{any: [{crawler: true}, {device: tv}]}",
    }
    rules = [
        f"  - {{id: {name}, when: {when}, then: [{{hide: {{ids: [A]}}}}]}}\n"
        for name, when in conditions.items()
    ]
    shop.write("rules:\n" + "".join(rules))
    shop.publish("--why", "x")
    told = shop.asked("stats")
    assert (told["dead"], told["for_crawlers_only"]) == (["either", "people"], ["bots", "bots-somewhere"])
    output = shop.run("stats", "--config", str(shop.config))
    assert "Never matched: either, people" in output
    assert "For crawlers only, which the log does not know: bots, bots-somewhere" in output


def page_of(hits: int, shares: str = "") -> str:
    """A rule whose page has two variants."""
    variants = ", ".join(f"{name}: {{sections: [{{name: top, kind: hero, hits: {hits}}}]}}" for name in "ab")
    return f"rules:\n  - id: page\n    then: [{{page: {{variants: {{{variants}}}{shares}}}}}]\n"


def test_shares_are_of_the_page_as_it_is(shop: Shop) -> None:
    shop.write(page_of(2))
    shop.publish("--why", "x")
    asyncio.run(served_under_rules(shop, time.time()))
    shop.write(page_of(2, ", shares: {a: 0.3, b: 0.7}"))
    shop.publish("--why", "only shares")
    told = shop.asked("shares", "page")
    assert told["variants"] == {"a": {"searches": 30, "clicks": 20}, "b": {"searches": 30, "clicks": 20}}
    assert sum(told["shares"].values()) == pytest.approx(1)
    output = shop.run("shares", "page", "--config", str(shop.config))
    assert "a: 20 clicks in 30 searches" in output
    assert "\nshares: {" in output
    shop.write(page_of(5))
    shop.publish("--why", "another page of the same names")
    told = shop.asked("shares", "page")
    assert told["shares"] == {"a": 0.5, "b": 0.5}
    assert told["variants"]["a"]["searches"] == 0
    shop.write(HIDE)
    shop.publish("--why", "no page")
    assert "no live rule" in shop.run("shares", "page", "--config", str(shop.config), code=1)
    assert "no `page`" in shop.run("shares", "hide-a", "--config", str(shop.config), code=1)


async def served_under_rules(shop: Shop, now: float | None = None) -> None:
    """What two shoppers in three got with the rule, and the others without."""
    log = SqliteServedLog(shop.state / "served.db")
    now = now or time.time() - 60
    for number in range(60):
        held_out = number % 3 == 0
        did = {"hide-a": "mo" if held_out else "ma", "gone-since": "ml"}
        versions = {
            "rules": "1@abc",
            "rules_did": json.dumps(did),
            "page_variant": f"page/{'ab'[number % 2]}",
        }
        name = f"q{number}"
        served = replace(served_list(name, f"shopper {number}", time=now), versions=versions)
        await log.add([PackedList.of(served)])
        if not held_out:
            await log.add_outcomes([outcome(name, f"shopper {number}", event=name, time=now + 10)])
    await log.close()


def test_stats_of_what_was_served(shop: Shop) -> None:
    shop.write(HIDE + "  - id: dead\n    then: [{hide: {ids: [Z]}}]\n")
    shop.publish("--why", "x")
    asyncio.run(served_under_rules(shop))
    told = shop.asked("stats")
    assert told["searches"] == told["searches_under_rules"] == 60
    rule = told["rules"]["hide-a"]
    assert (rule["matched"], rule["acted"], rule["held_out"]) == (60, 40, 20)
    assert rule["effect"] == {"difference": 1.0, "low": 1.0, "high": 1.0, "clear": True}
    assert told["rules"]["gone-since"]["lost"] == 60
    assert (told["dead"], told["gone"]) == (["dead"], ["gone-since"])
    assert told["page_variants"]["page"]["b"]["searches"] == 30
    output = shop.run("stats", "--config", str(shop.config))
    assert "Never matched: dead" in output
    assert "+1.000" in output
    assert shop.asked("stats", "--since", "2999-01-01")["searches"] == 0
    assert "write a day like" in shop.run("stats", "--config", str(shop.config), "--since", "soon", code=1)
