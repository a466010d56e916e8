"""YAML with the line of everything, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.rules.marked_yaml import MOST_LEVELS, YamlRefused, read_marked


def test_data_and_lines() -> None:
    data, lines = read_marked(
        "rules:\n\n- id: a\n  then:\n  - pin:\n      id: x\n      position: [1,\n        2]\n"
    )
    assert data == {"rules": [{"id": "a", "then": [{"pin": {"id": "x", "position": [1, 2]}}]}]}
    assert lines.of(("rules",)) == 1
    assert lines.of(("rules", 0)) == 3
    assert lines.of(("rules", 0, "then", 0, "pin")) == 5
    assert lines.of(("rules", 0, "then", 0, "pin", "position")) == 7
    assert lines.of(("rules", 0, "then", 0, "pin", "position", 1)) == 8
    assert lines.of(("rules", 0, "then", 0, "pin", "date", "nothing")) == 5, "what is nearest above"
    assert lines.at(("rules", 0)).of(("then", 0)) == 5


def test_values() -> None:
    data, _ = read_marked(
        "a: no\nb: on\nc: true\nd: False\ne: 5\nf: 1.5\ng: 2026-11-29\nh: '5'\ni:\nj: ~\n5: k\n"
        "l: |\n  two\n  lines\nm: 1e3\n"
    )
    assert list(data.values()) == [
        *("no", "on", True, False, 5, 1.5, "2026-11-29", "5", None, None, "k", "two\nlines\n", "1e3")
    ]
    assert list(data) == [*"abcdefghij", "5", "l", "m"]


@pytest.mark.parametrize(
    "written",
    [
        *("0123", "010", "-007", "00", "10:30", "1_000", "0x1F", "0b11", "0o17", "1:30.5", "1_0.5", "007.5"),
        *("2026-12-24", "2026-12-24T18:00:00Z", "2026-12-24 18:00:00", "2026-13-45"),
    ],
)
def test_what_only_yaml_1_1_takes_for_a_number_or_a_date_is_a_text(written: str) -> None:
    assert read_marked(f"a: {written}\n")[0] == {"a": written}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0", 0),
        ("-5", -5),
        ("+5", 5),
        ("0.5", 0.5),
        ("1.50", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1.0e+3", 1000.0),
    ],
)
def test_numbers(written: str, number: float) -> None:
    read = read_marked(f"a: {written}\n")[0]["a"]
    assert (read, type(read)) == (number, type(number))


def test_a_key_is_as_it_is_written() -> None:
    data, _ = read_marked("{true: a, ~: b, 010: c, 2026-01-01: d, 1.50: e, null: f, '5': g, no: h}")
    assert list(data) == ["true", "~", "010", "2026-01-01", "1.50", "null", "5", "no"]


def test_lines_are_those_of_editors() -> None:
    """U+0085, U+2028 and U+2029 end a line of YAML 1.1, and none on a screen."""
    data, lines = read_marked('a: "x\u2028y\x85z"  # 👟\u2029\nb: [1,\r\n 2]\r\nc: \u2028 3\nd: 4\n')
    assert list(data) == [*"abcd"]
    assert [lines.of((key,)) for key in data] == [1, 2, 4, 5]
    assert lines.of(("b", 1)) == 3
    with pytest.raises(YamlRefused, match="sequence") as refused:
        read_marked('a: "x\u2028y"\nb: [1\n')
    assert refused.value.line == 3


def test_nothing_at_all() -> None:
    assert read_marked("")[0] is None
    assert read_marked("# only a comment\n")[0] is None


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: &x 1\nb: *x\n", 1, "anchors and aliases"),
        ("a: 1\nb: *x\n", 2, "anchors and aliases"),
        ("a: 1\nb: 2\na: 3\n", 3, "`a` is there twice, first in line 1"),
        ("a: 1\n---\nb: 1\n", 2, "a second document"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "the tag"),
        ("a: !!str 5\n", 1, "the tag"),
        ("a:\n\t- b\n", 2, "a tab"),
        ("a: b: c\n", 1, "put a value with `: ` in it into quotes"),
        ("a: [1, 2\n", 2, "flow sequence"),
        ("? [1]\n: 2\n", 1, "a key is a text"),
        ("a:\n    b: 1\n   c: 2\n", 3, "begin in the same column"),
        ("a: 1\nb: {c: brand == 'x': y}\n", 2, "into quotes"),
        ("a: {b: brand in ['x']}\n", 1, "into quotes"),
        ("a: `odd` == 1\n", 1, "begins with @ or `"),
        ('a: "\\d"\n', 1, "into single quotes"),
        ("a: " + "9" * 5000 + "\n", 1, "put a text into quotes"),
        ("a: \x00", 1, "binary"),
        ("[" * 10_000, 1, f"more than {MOST_LEVELS} levels"),
        ("{a: " * 10_000, 1, f"more than {MOST_LEVELS} levels"),
        ("".join(f"{' ' * level}- \n" for level in range(40)), MOST_LEVELS + 1, "levels"),
    ],
)
def test_what_is_refused(text: str, line: int, said: str) -> None:
    with pytest.raises(YamlRefused, match=said.replace("`", "`")) as refused:
        read_marked(text)
    assert refused.value.line == line


def test_laughter_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [ha, ha]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 30)]
    with pytest.raises(YamlRefused, match="anchors"):
        read_marked("\n".join(lines))


@given(st.one_of(st.text(), st.text("[]{}:-,'\"&*!|>\n\t #ab1", max_size=60)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_marked(text)
    except YamlRefused as refused:
        assert refused.line >= 0
