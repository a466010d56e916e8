"""The folder of rules: what is read, and what is told of everything else."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.rules.folder import look_through, read_folder
from sidecar.rules.problem import RulesInvalid
from sidecar.rules.rule_set import RuleSet

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files by their path from the folder, with __ for a slash."""

    def write(**files: str | bytes) -> Path:
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


def rule(name: str, then: str = "hide: {ids: [x]}", more: str = "") -> str:
    return f"- id: {name}\n{more}  then:\n  - {then}\n"


def wrong(folder: Path) -> list[str]:
    return [f"{problem.check} {problem}" for problem in look_through(folder)[1]]


def test_files_are_read_and_their_order_does_not_count(write: Write) -> None:
    folder = write(
        b="rules:\n" + rule("second") + rule("first"),
        a="include: [more/deep.yml]\nrules:\n" + rule("third"),
        more__deep="rules:\n" + rule("fourth"),
        tests__golden="this is: [no, rule]",
        more__not_included="rules:\n" + rule("fifth"),
    )
    (folder / "notes.txt").write_text("no rules")
    found = read_folder(folder)
    assert [one.id for one in found.rules] == ["first", "fourth", "second", "third"]
    assert (found.origins["fourth"].file, found.origins["fourth"].line) == ("more/deep.yml", 2)
    assert found.origins["first"].line_of("then", 0, "hide", "ids") == 7
    assert RuleSet.from_json(found.to_json()) == found


def test_an_empty_folder_and_no_folder(tmp_path: Path) -> None:
    assert read_folder(tmp_path) == RuleSet()
    with pytest.raises(RulesInvalid, match="is no folder"):
        read_folder(tmp_path / "nothing")


def test_a_file_included_twice_is_read_once(write: Write) -> None:
    folder = write(
        a="include: [below/c.yml, b.yml]\n", b="include: [below/c.yml]\n", below__c="rules:\n" + rule("one")
    )
    assert [one.id for one in read_folder(folder).rules] == ["one"]


def test_all_that_is_wrong_is_told_and_the_rest_is_read(write: Write) -> None:
    folder = write(
        a="rules:\n" + rule("one") + rule("Two") + rule("three", "hide: {filtr: x}") + "- 5\n",
        b="rules:\n" + rule("one"),
        c="rulez: []\n",
    )
    rules, problems = look_through(folder)
    assert [one.id for one in rules.rules] == ["one"]
    assert [(one.file, one.line, one.check, one.rule) for one in problems] == [
        ("a.yml", 5, "bad-id", "Two"),
        ("a.yml", 10, "unknown-key", "three"),
        ("a.yml", 11, "bad-value", ""),
        ("b.yml", 2, "duplicate-id", "one"),
        ("c.yml", 1, "unknown-key", ""),
    ]
    told = [str(one) for one in problems]
    assert "begins with a letter or digit" in told[0]
    assert told[1] == (
        "a.yml:10: rule `three`: unknown key `then[1].hide.filtr`. "
        "Did you mean `filter`? Allowed here: filter, ids."
    )
    assert "there is a rule of this id in a.yml:2" in told[3]
    assert "Did you mean `rules`?" in told[4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rule("a", "pin: {id: 5, position: 1}"), "Put it into quotes."),
        (rule("a", "diversify: {max_per_field: {date: no}}"), "`then[1].diversify.max_per_field.date`: "),
        (rule("a", "pin: {id: x, position: '2'}"), "Write a whole number such as 5, without quotes."),
        (rule("a", more="  priority: 0100\n"), "(found '0100'). Write a whole number such as 5"),
        (rule("a", more="  enabled: no\n"), "(found 'no'). Write `true` or `false`."),
        (rule("a", more="  when: [a]\n"), "`when`: keys are expected here. Allowed here: query, brand,"),
        (rule("a", more="  when: {size: [~]}\n"), "`when.size[1]` is empty. Give a value"),
        (rule("a", more="  when: {any: [{brand: }]}\n"), "`when.any[1].brand` is empty. Give a value"),
        ("- id: a\n  then:\n    hide: {ids: x}\n", "valid list. Begin each entry with `- `."),
        ("- just a text\n", "keys are expected here (found 'just a text'). Allowed here: id,"),
        ("-\n", "there is nothing here. Give a value, or leave it out."),
        (rule("a", "pin: {id: x, position: 0}"), "greater than or equal to 1 (found 0)"),
        (rule("a", "pin: {id: x, position: 10000}"), "less than or equal to 1000 (found 10000)"),
        (rule("a", "pin: {id: x, filter: y, position: 1}"), "give `id` or `filter`, one of the two"),
        (rule("a", "pin: {id: x}"), "`then[1].pin.position` is missing"),
        (rule("a", "boost: {filter: x, weight: .inf}"), "finite"),
        (rule("a", "boost: {filter: x, weight: 0.5}"), "greater than or equal to 1"),
        (rule("a", more="  when: {intent: buying}\n"), "'exact_product', 'brand'"),
        (rule("a", more="  when: {brand: }\n"), "`when.brand` is empty. Give a value, or leave it out."),
        (rule("a", more="  when: {query: {}}\n"), "give at least one of `exact`"),
        (rule("a", more="  active: {from: 2026-02-01, until: 2026-01-01}\n"), "would never be active"),
        (rule("a", more="  active: {timezone: Mars/Phobos}\n"), "no time zone `Mars/Phobos`"),
        (rule("a", more="  active: {hours: 8-18}\n"), "08:00-18:00"),
        (rule("a", "slot: {kind: sponsored, positions: 1, filter: x}"), "ads are labelled"),
        ("- id: a\n  then: []\n", "at least 1 item"),
        ("- id: a\n  then:\n  - hide: {ids: x}\n    bury: {ids: x, weight: 2}\n", "one action a list entry"),
    ],
)
def test_what_a_rule_may_not_say(write: Write, text: str, said: str) -> None:
    (found,) = wrong(write(a="rules:\n" + text))
    assert said in found


def test_a_date_is_its_text(write: Write) -> None:
    folder = write(a="rules:\n" + rule("a", "hide: {ids: 2026-01-01}", "  when: {filter: {ean: 0123}}\n"))
    (found,) = read_folder(folder).rules
    assert found.when.filter == {"ean": ["0123"]}
    assert found.then[0].hide is not None
    assert found.then[0].hide.ids == ["2026-01-01"]


def test_null_is_fine_in_what_clients_are_told(write: Write) -> None:
    assert wrong(write(a="rules:\n" + rule("a", "metadata: {banner: null}"))) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a": "include: [b.yml]\n", "b": "include: [a.yml]\n"}, "a.yml → b.yml → a.yml"),
        ({"a": "include: [a.yml]\n"}, "a.yml → a.yml"),
        ({"a": "include: [../../etc/passwd]\n"}, "lies outside the rules folder"),
        ({"a": "include: [/etc/hosts.yml]\n"}, "lies outside the rules folder"),
        ({"a": "include: [tests/x.yml]\n"}, "holds tests, no rules"),
        ({"a": "include: [nothing.yml]\n"}, "there is no file"),
        ({"a": "include: [notes.txt]\n"}, "is no *.yml"),
        ({"a": f"include: [{'x' * 5000}.yml]\n"}, "is no path"),
        ({"a": "include: b.yml\n"}, "Write `[b.yml]`."),
        ({"a": "include:\n"}, "`include` is empty."),
        ({"a": "include: [~]\n"}, "`include[1]` is empty."),
        (
            {f"below__{n}": f"include: [below/{n + 1}.yml]" for n in range(600)}
            | {"a": "include: [below/0.yml]"},
            "more than 32 deep",
        ),
        ({"a": "rules:\n"}, "`rules` is empty."),
        ({"a": "rules: 5\n"}, "`rules` is no list"),
        ({"a": "- id: a\n"}, "a list where keys are expected"),
        ({"a": "just a text"}, "this holds no rules"),
        ({"a": b"\xff\xfe\x00\x01"}, "not UTF-8"),
        ({"a": b"PK\x03\x04 binary \x00"}, "binary"),
        ({"a": "rules:\n\t- id: a\n"}, "indent by spaces"),
        ({"a": "x: &a [1]\ny: *a\n"}, "anchors and aliases"),
        ({"a": "[" * 100_000}, "levels deep"),
        ({"a": "rules: [" + "{a: " * 100_000}, "levels deep"),
        ({"a": "#" * (2 << 20) + "#"}, "a file has at most 2 MB"),
        ({f"f{n}": "#" * (2 << 20) for n in range(6)}, "10 MB in the folder"),
        ({"a": "rules:\n" + "- {id: x}\n" * 5001}, "more than 5,000 rules"),
    ],
)
def test_files_that_are_none(write: Write, files: dict[str, str | bytes], said: str) -> None:
    begin = time.perf_counter()
    found = wrong(write(**files))
    assert any(said in one for one in found), found[:3]
    assert time.perf_counter() - begin < 10


def test_a_link_out_of_the_folder_is_refused(write: Write, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.yml"
    outside.write_text("rules:\n" + rule("stolen"))
    folder = write(a="include: [link.yaml]\n")
    (folder / "below").mkdir()
    (folder / "below" / "link.yml").symlink_to(outside)
    (folder / "a.yml").write_text("include: [below/link.yml]\n")
    (found,) = wrong(folder)
    assert "lies outside the rules folder" in found
    (folder / "a.yml").unlink()
    (folder / "b.yml").symlink_to(outside)
    (found,) = wrong(folder)
    assert found.startswith("bad-include b.yml: this is a link to what lies outside the rules folder")


def test_a_link_counts_as_the_file_that_it_leads_to(write: Write) -> None:
    folder = write(c="include: [below/a.yml]\n", below__a="rules:\n" + rule("one") + rule("Two"))
    (folder / "b.yml").symlink_to("below/a.yml")
    rules, problems = look_through(folder)
    assert [one.id for one in rules.rules] == ["one"]
    assert [(one.check, one.file) for one in problems] == [("bad-id", "b.yml")]


def test_a_mounted_config_map_is_a_folder_of_rules(tmp_path: Path) -> None:
    (tmp_path / "..2026_11_29").mkdir()
    (tmp_path / "..data").symlink_to("..2026_11_29")
    for name, text in {"a": "include: [b.yml]\n", "b": "rules:\n" + rule("one")}.items():
        (tmp_path / "..2026_11_29" / f"{name}.yml").write_text(text)
        (tmp_path / f"{name}.yml").symlink_to(f"..data/{name}.yml")
    found = read_folder(tmp_path)
    assert found.origins["one"].file == "b.yml"


@pytest.mark.parametrize("target", ["nothing.yml", "itself.yml", "below"])
def test_a_link_to_no_file_is_told(write: Write, target: str) -> None:
    """Publishing would take its rules away."""
    folder = write(below__a="rules: []\n")
    (folder / "itself.yml").symlink_to(target)
    assert wrong(folder) == [
        "unreadable itself.yml: this is no file, or a link to none. Put a file there, or take it out."
    ]


def test_what_an_editor_leaves_there_while_it_writes_is_no_rule(write: Write) -> None:
    folder = write(a="rules:\n" + rule("one"))
    (folder / ".#a.yml").symlink_to("someone@machine.1234")
    assert [one.id for one in read_folder(folder).rules] == ["one"]


def test_the_end_of_a_name_may_be_in_capitals(write: Write) -> None:
    folder = write(a="include: [below/B.YAML]\n", below__B="")
    (folder / "below" / "B.YAML").write_text("rules:\n" + rule("one"))
    (folder / "C.YML").write_text("rules:\n" + rule("two"))
    assert [one.id for one in read_folder(folder).rules] == ["one", "two"]
