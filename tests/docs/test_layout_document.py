"""What docs/layout.md says of metrics, points and outcomes is what the code has."""

import re

from prometheus_client import CollectorRegistry

from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.telling import LETTERS, MATCHED_LETTER
from sidecar.rules.specificity import EXPERIMENT_POINTS, FILTER_POINTS, NONE_POINTS, POINTS, QUERY_POINTS
from sidecar.stack.paths import project_root

TEXT = (project_root() / "docs" / "layout.md").read_text(encoding="utf-8")


def test_every_metric_is_told_and_exists() -> None:
    registry = CollectorRegistry()
    LayoutMetrics(registry)
    named = {family.name for family in registry.collect()}
    told = set(re.findall(r"reshelf_layout_[a-z_]+?(?=_total|`)", TEXT))
    assert told == named


def test_points_are_as_in_the_table() -> None:
    rows = dict(re.findall(r"^\| (`[^|]+) \| (\d)", TEXT, re.MULTILINE))
    expected = {
        **{f"query.{key}": value for key, value in QUERY_POINTS.items() if key != "longest"},
        **{key: value for key, value in POINTS.items() if value > 1},
        "filter": FILTER_POINTS,
    }
    told = {key: int(value) for names, value in rows.items() for key in re.findall(r"`([a-z_.]+)`", names)}
    assert {key: value for key, value in told.items() if value > 1} == expected
    assert EXPERIMENT_POINTS == 2
    assert NONE_POINTS == QUERY_POINTS["longest"] == 1


def test_letters_of_the_served_log_are_all_told() -> None:
    sentence = TEXT.split('"mah"}`: ')[1].split("\n\n")[0]
    told = set(re.findall(r"(?:^|, )\n?([a-z]) ", sentence.replace("\n", " ")))
    assert told == {MATCHED_LETTER, *LETTERS.values()}
