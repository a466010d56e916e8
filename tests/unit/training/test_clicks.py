"""UBI logs, from lines to lists."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sidecar.training.errors import TrainingError
from sidecar.training.sources.clicks import Clicks, click_lists, load_log
from tests.fixtures.training import toy_catalogue


def query(number: int, text: str) -> dict[str, Any]:
    return {"query_id": f"q{number}", "user_query": text, "client_id": "c"}


def event(number: int, action: str, product: str, place: int | None) -> dict[str, Any]:
    position = {} if place is None else {"position": {"ordinal": place}}
    attributes = {"object": {"object_id": product}, **position}
    return {"query_id": f"q{number}", "action_name": action, "event_attributes": attributes}


def write(path: Path, *rows: Any) -> Path:
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def searches(count: int) -> list[dict[str, Any]]:
    """People look for shoes, see a lamp first, and choose the blue shoe below it."""
    rows: list[dict[str, Any]] = []
    for number in range(count):
        rows.append({"index": {"_index": "ubi_queries"}})
        rows.append(query(number, "Shoe" if number % 2 else "shoes"))
        shown = ["red-lamp", "red-shoe", "blue-shoe"] if number % 4 else ["blue-shoe", "red-lamp", "red-shoe"]
        rows += [event(number, "impression", product, place) for place, product in enumerate(shown)]
        if number % 3:
            rows.append(event(number, "click", "blue-shoe", shown.index("blue-shoe")))
    return rows


def test_a_log_becomes_graded_lists(tmp_path: Path) -> None:
    log = load_log(write(tmp_path / "ubi.ndjson", *searches(40)))
    assert (log.counts["searches"], log.counts["impressions"], log.problems) == (40, 120, [])
    found = click_lists(log, toy_catalogue(), Clicks())
    (one,) = found.lists
    gains = dict(zip(one.products, one.gains, strict=True))
    assert gains["blue-shoe"] == 1
    assert 0 < gains["red-shoe"] < 0.5
    assert 0 < one.weight <= 1
    assert found.counts["lists"] == 1


def test_gzip_is_told_by_content(tmp_path: Path) -> None:
    plain = write(tmp_path / "ubi", *searches(4))
    plain.write_bytes(gzip.compress(plain.read_bytes()))
    assert load_log(plain).counts["searches"] == 4


def test_bad_lines_are_named_and_the_rest_is_used(tmp_path: Path) -> None:
    rows = [
        *searches(1)[:2],
        b"nope",
        b"\xff",
        {"user_query": "x"},
        query(7, " "),
        event(0, "impression", "red-shoe", None),
        event(0, "impression", "", 1),
    ]
    log = load_log(write(tmp_path / "ubi", *rows))
    told = [problem.split(":", 1) for problem in log.problems]
    assert [line for line, _ in told] == [f"line {number}" for number in range(3, 9)]
    assert [
        text for text in log.problems if "UTF-8" in text or "`query_id`" in text or "`user_query`" in text
    ]


def test_clicks_without_impressions_are_not_learned_from(tmp_path: Path) -> None:
    rows = [query(1, "shoe"), event(1, "click", "red-shoe", 0), event(1, "click", "red-lamp", None)]
    log = load_log(write(tmp_path / "ubi", *rows))
    assert log.counts["searches_without_impressions"] == 1
    found = click_lists(log, toy_catalogue(), Clicks())
    assert found.lists == []
    assert "no search with impressions" in found.problems[-1]


def test_unknown_products_are_counted(tmp_path: Path) -> None:
    rows = [*searches(20), event(1, "impression", "gone", 3)]
    found = click_lists(load_log(write(tmp_path / "ubi", *rows)), toy_catalogue(), Clicks())
    assert found.counts["unknown_products"] == 1
    assert found.problems == ["1 products unknown, such as gone"]


def test_a_log_without_searches_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no search with a `query_id`"):
        load_log(write(tmp_path / "ubi", b"nope"))
