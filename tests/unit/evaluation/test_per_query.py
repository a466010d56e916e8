"""The table of queries: what won, what lost, and the whole as a file."""

import csv
import json
from pathlib import Path

import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.per_query import check_format, largest_changes, rows, write_rows
from sidecar.evaluation.slices import SLICERS
from tests.unit.evaluation.made import measured_of

TEXTS = ["won", "lost, and quoted", "same", "won a little"]
NEW = [["e"], ["i", "e"], ["e"], ["i", "e"]]
OLD = [["i", "e"], ["e"], ["e"], ["i", "x", "e"]]


def test_wins_and_losses_the_largest_first() -> None:
    wins, losses = largest_changes(measured_of(TEXTS, new=NEW, old=OLD), "new")
    assert [change.query for change in wins] == ["won", "won a little"]
    assert [change.query for change in losses] == ["lost, and quoted"]
    assert wins[0].delta == pytest.approx(wins[0].arm - wins[0].baseline)
    assert losses[0].delta < 0


def test_no_more_than_asked_for() -> None:
    wins, _ = largest_changes(measured_of(TEXTS, new=NEW, old=OLD), "new", count=1)
    assert [change.query for change in wins] == ["won"]


@pytest.mark.parametrize("name", ["queries.csv", "queries.json"])
def test_both_formats_hold_the_same(tmp_path: Path, name: str) -> None:
    table = rows(measured_of(TEXTS, new=NEW, old=OLD), SLICERS)
    path = tmp_path / name
    write_rows(path, table)
    text = path.read_text(encoding="utf-8")
    read = json.loads(text) if name.endswith("json") else list(csv.DictReader(text.splitlines()))
    assert [row["query"] for row in read] == TEXTS
    first = read[0]
    assert (int(first["line"]), int(first["judged_E"]), int(first["judged_S"])) == (1, 1, 0)
    assert (first["words"], first["new:incomplete"]) == ("1", "")
    assert "old:incomplete" not in first
    assert float(first["new-old:ndcg@10"]) == pytest.approx(
        float(first["new:ndcg@10"]) - float(first["old:ndcg@10"])
    )
    assert float(first["old:mrr@10"]) == 0.5


def test_another_ending_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"must end in \.csv or \.json"):
        check_format(Path("queries.xlsx"))
