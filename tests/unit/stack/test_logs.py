"""Reading what the servers wrote."""

from pathlib import Path

import pytest

from sidecar.stack.errors import StackError
from sidecar.stack.logs import log_lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "sidecar.log").write_text("one\ntwo\nthree\n")
    (logs / "sidecar.previous.log").write_text("long ago\n")
    (logs / "opensearch.log").write_text("started\n")
    return tmp_path


def test_the_last_lines_of_one(folder: Path) -> None:
    assert list(log_lines(folder, "sidecar", last=2, follow=False)) == ["two", "three"]


def test_all_of_them_by_name_without_those_of_the_start_before(folder: Path) -> None:
    assert list(log_lines(folder, None, last=1, follow=False)) == [
        "opensearch | started",
        "sidecar    | three",
    ]


def test_following_goes_on_as_it_is_written(folder: Path) -> None:
    lines = log_lines(folder, "sidecar", last=1, follow=True)
    assert next(lines) == "three"
    with (folder / "logs" / "sidecar.log").open("a") as log:
        log.write("four\n")
    assert next(lines) == "four"
    lines.close()


def test_an_unknown_service_gets_the_known_ones(folder: Path) -> None:
    with pytest.raises(StackError, match=r"no log of `triton`.*There are: opensearch, sidecar"):
        list(log_lines(folder, "triton", last=1, follow=False))


def test_no_logs_at_all(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="reshelf stack up"):
        list(log_lines(tmp_path, None, last=1, follow=False))
