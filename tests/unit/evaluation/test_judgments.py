"""Judgments: bad lines are named, all of them, and none is guessed around."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.judgment_files import parse_line
from sidecar.evaluation.judgments import JudgedQuery, drawn, load_judgments, read_judgments


def write(path: Path, *lines: str | bytes) -> Path:
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def test_good_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "j",
        '{"query": "red shoe", "labels": {"a": "E"}}',
        "",
        '{"query": "鞋", "labels": {"b": "I"}}',
    )
    assert load_judgments(path) == [JudgedQuery(1, "red shoe", {"a": "E"}), JudgedQuery(3, "鞋", {"b": "I"})]


def test_a_query_may_be_judged_on_several_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "j",
        '{"query": "x", "labels": {"a": "E"}}',
        '{"query": "x", "labels": {"a": "E", "b": "S"}}',
    )
    assert load_judgments(path) == [JudgedQuery(1, "x", {"a": "E", "b": "S"})]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nope", "Expecting value"),
        ("[]", "expected an object, found list"),
        ('{"labels": {"a": "E"}}', "`query`: missing"),
        ('{"query": "x"}', "`labels`: missing"),
        ('{"query": "  ", "labels": {"a": "E"}}', "`query`: expected words"),
        ('{"query": 5, "labels": {"a": "E"}}', "`query`: expected words"),
        ('{"query": "x", "labels": {}}', "`labels`: expected at least one"),
        ('{"query": "x", "labels": {"a": "X"}}', "`labels.a`: 'X' is none of E, S, C, I"),
        ('{"query": "x", "labels": {"a": 1}}', "`labels.a`: 1 is none of E, S, C, I"),
        ('{"query": "x", "labels": {"a": ["E"]}}', "`labels.a`"),
        ('{"query": "x", "labels": {"a": "E", "a": "S"}}', "`a` stands there twice"),
        ('{"query": "x", "labels": {" ": "E"}}', "' ' is no product id"),
        ('{"query": "caf\ufffd", "labels": {"a": "E"}}', "`query`: 'caf\ufffd' holds U+FFFD"),
        (r'{"query": "x\ud800", "labels": {"a": "E"}}', "`query`: 'x\\ud800' holds half of a surrogate pair"),
        (r'{"query": "x\u0000", "labels": {"a": "E"}}', "`query`: 'x\\x00' holds a NUL"),
        (b'{"query": "\xff", "labels": {"a": "E"}}', "not UTF-8"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str | bytes, told: str) -> None:
    path = write(tmp_path / "judged.jsonl", '{"query": "good", "labels": {"a": "E"}}', line)
    with pytest.raises(ConfigurationError) as refused:
        load_judgments(path)
    assert "1 bad lines" in str(refused.value)
    assert f"judged.jsonl:2: {told}" in str(refused.value)


def test_a_contradiction_names_both_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "j", '{"query": "x", "labels": {"a": "E"}}', '{"query": "x", "labels": {"a": "I"}}'
    )
    with pytest.raises(ConfigurationError, match="j:2: a is I here, but E for the same query on line 1"):
        load_judgments(path)


def test_all_bad_lines_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "j", *["nope"] * 30)
    with pytest.raises(ConfigurationError) as refused:
        load_judgments(path)
    assert "30 bad lines" in str(refused.value)
    assert "and 10 more" in str(refused.value)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no judged queries"):
        load_judgments(write(tmp_path / "j", ""))


@given(st.binary(max_size=100))
def test_a_line_is_a_query_or_a_value_error(line: bytes) -> None:
    try:
        query = parse_line(1, line)
    except ValueError:
        return
    assert query.text.strip()
    assert json.dumps(query.labels)


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    queries = [JudgedQuery(number, str(number), {"a": "E"}) for number in range(50)]
    assert drawn(queries, 10, 3) == drawn(queries, 10, 3) != drawn(queries, 10, 4)
    assert drawn(queries, None, 0) == drawn(queries, 500, 0) == queries
    assert [query.line for query in drawn(queries, 10, 3)] == sorted(
        query.line for query in drawn(queries, 10, 3)
    )


def test_repeated_and_doubtful_rows_count_but_are_told(tmp_path: Path) -> None:
    path = write(
        tmp_path / "j",
        '{"query": "Red Shoe", "labels": {"a": "E", "b": "S"}}',
        '{"query": "red  shoe", "labels": {"a": "E"}}',
        '{"query": "Red Shoe", "labels": {"a": "E"}}',
        '{"query": "cafÃ© chair", "labels": {"a": "E"}}',
        '{"query": "café chair", "labels": {"a": "E"}}',
    )
    found = read_judgments(path)
    assert [query.line for query in found.queries] == [1, 2, 4, 5]
    assert found.repeated == ["j:3: a is E on line 1 already"]
    assert len(found.doubtful) == 2
    assert found.doubtful[0].startswith("j:2: 'red  shoe' is 'Red Shoe' of line 1 in other letters")
    assert (
        "j:4: 'cafÃ© chair' looks like UTF-8 that was read as Windows-1252 (meant: 'café chair'?)"
        in (found.doubtful[1])
    )


def test_a_whole_file_in_utf_16_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_text('{"query": "x", "labels": {"a": "E"}}', encoding="utf-16")
    with pytest.raises(ConfigurationError, match="is UTF-16"):
        load_judgments(path)
