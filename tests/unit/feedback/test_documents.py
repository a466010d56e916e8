"""JSON documents one after the other."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.feedback.documents import documents
from sidecar.feedback.told import Wrong

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=5)


def values(text: str) -> list[Any]:
    return [value for value, _ in documents(text)]


@given(OBJECTS)
def test_lines(objects: list[Any]) -> None:
    text = "\r\n\n".join(map(json.dumps, objects))
    assert values(text) == objects
    assert [size for _, size in documents(text)] == [len(json.dumps(one)) for one in objects]


@given(OBJECTS, st.sampled_from([None, 2]))
def test_an_array(objects: list[Any], indent: int | None) -> None:
    assert values(f" {json.dumps(objects, indent=indent)} \n") == objects


def test_one_document_over_several_lines() -> None:
    assert values(json.dumps({"a": {"b": 1}}, indent=2)) == [{"a": {"b": 1}}]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "[]", " [ ] "])
def test_nothing(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize("broken", ['{"a":', "nonsense", '{"a": 1', '{"a": "b', "[" * 100_000, "9" * 5000])
def test_after_a_broken_line_the_next_is_read(broken: str) -> None:
    found = values(f'{{"first": 1}}\n{broken}\n{{"last": 1}}\n')
    assert found[0] == {"first": 1}
    assert isinstance(found[1], Wrong)
    assert "JSON" in found[1].reason
    assert found[2:] == [{"last": 1}]


@pytest.mark.parametrize(
    ("text", "good"),
    [('[{"a": 1}, oops, {"b": 1}]', 1), ('[{"a": 1}', 1), ("[1 2]", 1), ("[1, 2] 3", 2), ("[", 0)],
)
def test_a_broken_array_ends_there(text: str, good: int) -> None:
    found = values(text)
    assert len(found) == good + 1
    assert isinstance(found[-1], Wrong)


@given(st.text(alphabet='[]{}",: 1a\n\\', max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert len(values(text)) <= len(text) + 1
