"""Files with UBI's documents."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sidecar.feedback.event_files import Line, read_file
from tests.fixtures.events import SAMPLE, needs_sample, sample_events, ubi

EVENTS = [ubi(number) for number in range(3)]
LINES = [json.dumps(event) for event in EVENTS]


def written(folder: Path, content: bytes) -> Path:
    file = folder / "events"
    file.write_bytes(content)
    return file


def read(file: Path) -> list[Any]:
    return [line.document for line in read_file(file)]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(LINES),
        "\r\n".join(LINES) + "\r\n\r\n",
        "\n\n" + "\n".join(LINES),
        "\ufeff" + "\n".join(LINES),
        "\n".join(f'{{"index": {{"_index": "ubi_events"}}}}\n{line}' for line in LINES),
        "\n".join(f'{{"create": {{}}}}\n{line}' for line in LINES),
        "\n".join(f'{{"_index": "ubi_events", "_id": "1", "_source": {line}}}' for line in LINES),
        json.dumps(EVENTS),
        json.dumps(EVENTS, indent=2),
        " \n" + json.dumps([{"_source": event} for event in EVENTS]),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_all_forms(tmp_path: Path, text: str, packed: bool) -> None:
    content = text.encode()
    assert read(written(tmp_path, gzip.compress(content) if packed else content)) == EVENTS


@pytest.mark.parametrize("content", [b"", b"\n \n", b"[]", gzip.compress(b"")])
def test_nothing(tmp_path: Path, content: bytes) -> None:
    assert read(written(tmp_path, content)) == []


def test_broken_lines_are_told_with_their_place(tmp_path: Path) -> None:
    file = written(tmp_path, f"{LINES[0]}\nnonsense\n\n{LINES[1]}\n3\n".encode())
    found = list(read_file(file))
    assert [(line.place, bool(line.problem)) for line in found] == [
        (1, False),
        (2, True),
        (4, False),
        (5, False),
    ]
    assert found[-1].document == 3
    assert found[-1].read == file.stat().st_size


def test_a_broken_array(tmp_path: Path) -> None:
    found = list(read_file(written(tmp_path, f"[{LINES[0]}, oops]".encode())))
    assert found[0].document == EVENTS[0]
    assert "not JSON" in found[1].problem


def test_a_gzip_that_is_cut_off(tmp_path: Path) -> None:
    content = gzip.compress(("\n".join(LINES * 100)).encode())
    with pytest.raises(OSError, match="not a whole gzip file"):
        read(written(tmp_path, content[:-20]))


def test_queries_are_told_from_events() -> None:
    def line(document: Any) -> Line:
        return Line(Path("file"), 1, document, 0)

    assert line({"query_id": "q", "user_query": "shoes"}).is_query
    assert not line({"user_query": "shoes", "action_name": "click"}).is_query
    assert not line({"something": 1}).is_query
    assert not line(3).is_query


@needs_sample
def test_the_real_sample() -> None:
    found = list(read_file(SAMPLE))
    assert [line.document for line in found if not line.is_query] == list(sample_events())
    assert sum(line.is_query for line in found) == 473
