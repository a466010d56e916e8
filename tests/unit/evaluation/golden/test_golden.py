"""Golden tests of rules: read, run, told."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import ClassVar

import pytest
import yaml

from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.domain.search import FieldFilter
from sidecar.evaluation.golden.reading import read_golden_tests
from sidecar.evaluation.golden.run import GoldenRun, NeedsIndex, Outcome
from sidecar.ranking.layout.compiled import compile_rules
from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet

PROFILE = Profile.model_validate({"document": {"fields": ["title"]}})

RULES = """
- id: no-samples
  then: [{hide: {filter: "kind == 'sample'"}}]
- id: foxmoor-first
  when: {brand: Foxmoor}
  then: [{pin: {id: F, position: 1}}]
- id: german-note
  when: {locale: de}
  then: [{metadata: {note: hallo}}]
- id: spring
  active: {from: 2027-03-01, until: 2027-06-01}
  then: [{pin: {id: C, position: 2}}]
- id: vips
  when: {segment: vip}
  then: [{pin: {id: X, position: 1, on_missing: fetch}}]
"""

FILE = """
vocabulary: {brand: [Foxmoor]}
hits:
  four:
    - {id: A}
    - {id: B, fields: {kind: sample}}
    - {id: C, fields: {attributes: {colour: red}}}
    - {id: F}
tests:
"""


TEST = "tests:\n  - name: x\n    search: {{query: a}}\n    hits: {}\n    expect: {}\n"
KEYS = ("order", "first", "hidden", "shown", "fetched", "acted", "not_acted")


class Shop:
    """An index with two hits for all words, and documents that no words find."""

    documents: ClassVar[Mapping[str, Mapping[str, Sequence[str]]]] = {
        "in-shop": {"category": ["Shoes"]},
        "in-hats": {"category": ["Hats"]},
        "sample": {"category": ["Shoes"], "kind": ["sample"]},
    }

    def __init__(self) -> None:
        self.asked: list[object] = []

    def hits(self, index: str, query: str, filters: Sequence[FieldFilter]) -> list[Candidate]:
        self.asked.append((index, query, *filters))
        return [Candidate("I1", 1, 2.0), Candidate("I2", 2, 1.0, "", {"kind": ["sample"]})]

    def fetched(
        self, index: str, ids: Sequence[str], filters: Sequence[FieldFilter]
    ) -> dict[str, Mapping[str, Sequence[str]]]:
        return {
            one: self.documents[one]
            for one in ids
            if one in self.documents
            and all(set(self.documents[one][told.field]) & set(told.values) for told in filters)
        }


def rules(text: str = RULES) -> RuleSet:
    return RuleSet.of(Rule.model_validate(rule) for rule in yaml.safe_load(text))


def run(folder: Path, tests: str, index: object = None, text: str = RULES) -> list[Outcome]:
    written(folder, FILE + tests)
    found = read_golden_tests(folder)
    assert found.problems == []
    runner = GoldenRun(rules(text), compile_rules(rules(text)), {"default": PROFILE}, "default", index)  # type: ignore[arg-type]
    return [runner.run(test) for test in found.tests]


def written(folder: Path, text: str, name: str = "t.yml") -> Path:
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / name).write_text(dedent(text))
    return folder


def failures(outcomes: list[Outcome]) -> list[str]:
    return [failure.message for outcome in outcomes for failure in outcome.failures]


def test_expectations_that_are_met(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        """
  - name: everything
    search: {query: foxmoor shoes, locale: de-AT, time: 2027-04-01T10:00:00}
    hits: four
    expect:
      order: [F, C, A]
      first: [F]
      at: {C: 2}
      hidden: B
      shown: [A]
      acted: [no-samples, foxmoor-first, spring]
      not_acted: vips
      metadata: {note: hallo}
  - name: a brand that is not named
    search: {query: shoes, time: 2027-01-01}
    hits: four
    expect: {order: [A, C, F], not_acted: [foxmoor-first, spring]}
  - name: understanding that is told
    search: {query: anything, understood: {brand: Foxmoor}, time: 2027-01-01}
    hits: four
    expect: {first: [F]}
  - name: a document that is brought in
    search: {query: shoes, segment: vip, client: someone, time: 2027-01-01}
    hits: [{id: A}]
    expect: {order: [X, A], fetched: [X]}
  - name: own hits with scores
    search: {query: shoes, time: 2027-01-01}
    hits: [{id: A, score: 1}, {id: Z, score: 5}]
    expect: {order: [Z, A]}
""",
    )
    assert failures(outcomes) == []


def test_expectations_that_are_not_met_are_told_with_their_lines(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        """
  - name: all wrong
    search: {query: shoes, time: 2027-01-01}
    hits: four
    expect:
      order: [A, B]
      at:
        A: 2
        B: 1
      hidden: [A]
      acted:
        - vips
      not_acted: [no-samples]
      metadata: {note: hallo}
""",
    )
    told = [(failure.line, failure.message) for failure in outcomes[0].failures]
    lines = (tmp_path / "tests" / "t.yml").read_text().splitlines()
    assert [lines[line - 1].strip() for line, _ in told] == [
        "order: [A, B]",
        "A: 2",
        "B: 1",
        "hidden: [A]",
        "- vips",
        "not_acted: [no-samples]",
        "metadata: {note: hallo}",
    ]
    assert told[0][1] == "the order is A, C, F; expected A, B."
    assert told[2][1] == "`B` is not shown, not at 1."
    assert "does not hold" in told[4][1]


def test_hits_of_an_index(tmp_path: Path) -> None:
    test = """
  - name: from the index
    search: {query: shoes, time: 2027-01-01}
    index: shop
    expect: {order: [I1]}
"""
    with pytest.raises(NeedsIndex):
        run(tmp_path, test)
    index = Shop()
    assert failures(run(tmp_path, test, index)) == []
    assert index.asked == [("shop", "shoes")]


@pytest.mark.parametrize(
    ("id_", "order"),
    [("in-shop", "[in-shop, I1]"), ("in-hats", "[I1]"), ("sample", "[I1]"), ("nowhere", "[I1]")],
)
def test_documents_that_an_index_would_not_bring_in_are_not_shown(
    tmp_path: Path, id_: str, order: str
) -> None:
    """The search's filters keep it out, a rule hides it by what it says, or it is not there."""
    test = f"""
  - name: from the index
    search: {{query: shoes, filters: {{category: Shoes}}, time: 2027-01-01}}
    index: shop
    expect: {{order: {order}, fetched: {order.replace("I1", "").replace(", ", "")}}}
"""
    text = RULES + f"- id: bring\n  then: [{{pin: {{id: {id_}, position: 1, on_missing: fetch}}}}]\n"
    assert failures(run(tmp_path, test, Shop(), text)) == []


def test_an_unknown_profile_is_told(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        """
  - name: p
    search: {query: shoes, profile: nobody}
    hits: four
    expect: {first: [A]}
""",
    )
    assert failures(outcomes) == ["no ranking profile is named `nobody`. There are: default."]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("tests:\n  - name: x\n    serach: {query: a}\n", 3, "Did you mean `search`?"),
        (
            "tests:\n  - name: x\n    search: {quary: a}\n    hits: []\n    expect: {order: []}\n",
            3,
            "`query`",
        ),
        ("tests: []\n", 1, "`tests`"),
        (
            "tests:\n  - name: x\n    search: {query: a}\n    hits: []\n    expect: {}\n",
            5,
            "expect something",
        ),
        (
            "tests:\n  - name: x\n    search: {query: a}\n    hits: nowhere\n    expect: {order: []}\n",
            4,
            "no `hits` are named 'nowhere'. There are: none.",
        ),
        (
            TEST.format("[]", "{order: []}") + TEST[7:].format("[]", "{order: []}"),
            6,
            "twice, first in line 2",
        ),
        (TEST.format("5", "{order: []}"), 4, "`tests[1].hits`: Input should be a valid list (found 5)"),
        (
            TEST.format("\n    - {id: A}\n    - {id: B, score: high}", "{order: []}"),
            6,
            "`tests[1].hits[2].score`: Input should be a valid number (found 'high')",
        ),
        *((TEST.format("[]", f"{{{key}: }}"), 5, f"`tests[1].expect.{key}` is empty") for key in KEYS),
        *((TEST.format("[]", f"{{{key}: []}}"), 5, "at least 1") for key in ("first", "hidden", "acted")),
        *((TEST.format("[]", f"{{{key}: {{}}}}"), 5, "at least 1") for key in ("at", "metadata")),
        *(
            (
                f"tests:\n  - {{name: x, search: {{time: {time}}}, hits: [], expect: {{order: []}}}}\n",
                2,
                "no date",
            )
            for time in ("2027", "20270601", "1.5", "true")
        ),
        ("tests:\n  - name: x\n   bad\n", 3, "did not find expected"),
        ("tests:\n  - name: x\n    name: y\n", 3, "twice"),
        ("a: &a [1]\nb: *a\n", 1, "anchors"),
        ("[" * 60 + "]" * 60, 1, "levels deep"),
        ("- a\n- b\n", 1, "no tests"),
        ("", 1, "no tests"),
        ("description: x\n", 1, "`tests` is missing"),
        ("tests:\n  - {name: x, search: {query: a, time: soon}, hits: [], expect: {order: []}}\n", 2, "time"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, text: str, line: int, words: str) -> None:
    found = read_golden_tests(written(tmp_path, text))
    assert found.tests == []
    problem = found.problems[0]
    assert problem.file == "tests/t.yml"
    assert problem.line == line
    assert words in str(problem)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a\x00b", b"x: " + b"y" * 3_000_000])
def test_files_that_are_no_text(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "t.yaml").write_bytes(content)
    found = read_golden_tests(tmp_path)
    assert len(found.problems) == 1


def test_no_folder_no_tests(tmp_path: Path) -> None:
    found = read_golden_tests(tmp_path)
    assert (found.tests, found.problems) == ([], [])


def test_a_damaged_file_does_not_hide_the_others(tmp_path: Path) -> None:
    written(tmp_path, "tests: 7", "a.yml")
    good = "tests: [{name: x, search: {query: a}, hits: [], expect: {order: []}}]"
    written(tmp_path, good, "sub.yml")
    found = read_golden_tests(tmp_path)
    assert [problem.file for problem in found.problems] == ["tests/a.yml"]
    assert [test.file for test in found.tests] == ["tests/sub.yml"]


def test_category_pages_and_searches_that_find_nothing(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        """
  - name: a category page
    search: {filters: {category: Shoes, size: [42, 43.0]}}
    hits: four
    expect: {order: [C, A, B, F], acted: shoes-page}
  - name: another one
    search: {filters: {category: Boots}}
    hits: four
    expect: {order: [A, B, C, F], not_acted: shoes-page}
  - name: nothing is found
    search: {query: zeppelin}
    hits: []
    expect: {order: [A], fetched: [A], metadata: {note: our bestsellers}}
""",
        text="""
- id: shoes-page
  when: {browse: true, filter: {category: Shoes, size: [42, 43]}}
  then: [{pin: {id: C, position: 1}}]
- id: nothing-found
  when: {result: {at_most: 0}, browse: false}
  then:
    - pin: {id: A, position: 1, on_missing: fetch}
    - metadata: {note: our bestsellers}
""",
    )
    assert failures(outcomes) == []


@pytest.mark.parametrize(
    ("hits", "order"),
    [
        ("[{id: A, score: 0.5}, {id: B}, {id: C}]", "[A, B, C]"),
        ("[{id: A, score: 9}, {id: B, score: 3}, {id: C}, {id: D, score: 2.5}]", "[A, B, D, C]"),
        ("[{id: A}, {id: B}, {id: C, score: 5}]", "[C, A, B]"),
    ],
)
def test_a_hit_without_a_score_stands_below_the_one_before_it(tmp_path: Path, hits: str, order: str) -> None:
    outcomes = run(
        tmp_path, f"\n  - {{name: x, search: {{query: a}}, hits: {hits}, expect: {{order: {order}}}}}\n"
    )
    assert failures(outcomes) == []


@pytest.mark.parametrize(("time", "acted"), [("2027-02-28", "not_acted"), ("2027-03-01", "acted")])
def test_a_date_alone_is_its_beginning(tmp_path: Path, time: str, acted: str) -> None:
    test = f"\n  - {{name: x, search: {{time: {time}}}, hits: four, expect: {{{acted}: spring}}}}\n"
    assert failures(run(tmp_path, test)) == []


def test_rules_that_are_not_there_are_told(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        """
  - name: misspelt and switched off
    search: {query: shoes, time: 2027-01-01}
    hits: four
    expect:
      acted: [no-sampels, resting]
      not_acted: [vip, something-else, resting]
""",
        text=RULES + "- {id: resting, enabled: false, then: [{hide: {ids: A}}]}\n",
    )
    assert failures(outcomes) == [
        "there is no rule `no-sampels`. Did you mean `no-samples`?",
        "rule `resting` did nothing: it has `enabled: false`.",
        "there is no rule `vip`. Did you mean `vips`?",
        "there is no rule `something-else`.",
    ]


def test_nulls_of_documents_and_of_what_is_told_are_fine(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        """
  - name: nulls
    search: {query: shoes, locale: de, time: 2027-01-01}
    hits: [{id: A, fields: {color: ~, sizes: [~]}}]
    expect: {metadata: {note: ~}}
""",
        text=RULES.replace("note: hallo", "note: null"),
    )
    assert failures(outcomes) == []


def test_a_link_to_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.YML").symlink_to("nothing")
    assert [str(one) for one in read_golden_tests(tmp_path).problems] == [
        "tests/a.YML: this is no file, or a link to none. Put a file there, or take it out."
    ]
