"""The model card: what was measured, beside what a training wrote, and the same when measured again."""

import json
from datetime import date
from pathlib import Path

import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.card import MeasuredOn, check_folder, write_card
from sidecar.evaluation.report import Report, report_on
from tests.unit.evaluation.made import queries_of, runs_of

TEXTS = [*("one" for _ in range(6)), *("two words" for _ in range(6))]
ON = MeasuredOn({"name": "j.jsonl", "sha256": "ab" * 32}, {"name": "p.jsonl.gz"}, None, 0)
DAY = date(2026, 1, 2)


def report() -> Report:
    runs = runs_of(
        TEXTS,
        new=[["e"]] * 8 + [["i", "e"]] * 4,
        old=[["i", "e"]] * 11 + [["e"]],
        versions={"model": "tiny@1234", "sidecar": "1.0"},
    )
    return report_on(queries_of(TEXTS), runs)


def test_it_says_what_was_measured_and_by_what(tmp_path: Path) -> None:
    write_card(tmp_path, report(), ON, today=DAY)
    figures = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["evaluation"]
    assert figures["date"] == "2026-01-02"
    assert figures["data"]["judgments"] == {"name": "j.jsonl", "sha256": "ab" * 32}
    assert figures["versions"] == {"new": {"model": ["tiny@1234"], "sidecar": ["1.0"]}}
    assert figures["arms"]["new"]["ndcg@10"] > figures["arms"]["old"]["ndcg@10"]
    assert {found["slice"] for found in figures["slices"]} == {"words", "digits", "negation"}
    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "| new − old | ndcg@10 |" in text
    assert "two words" not in text + json.dumps(figures), "no words of a shopper"
    assert "`tiny@1234`" in text


def test_every_plot_that_it_shows_is_there(tmp_path: Path) -> None:
    write_card(tmp_path, report(), ON, today=DAY)
    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    plots = sorted(path.name for path in tmp_path.glob("*.svg"))
    assert plots == ["arms.svg", "queries-new.svg", "slices.svg"]
    assert all(f"]({name})" in text for name in plots)
    assert all((tmp_path / name).read_text(encoding="utf-8").startswith("<?xml") for name in plots)


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_card(tmp_path / name, report(), ON, today=DAY)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_trainings_card_stays_and_an_earlier_evaluation_goes(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text('{"base_sha256": "cd"}', encoding="utf-8")
    (tmp_path / "card.md").write_text("# Adapter\n\nTrained.\n", encoding="utf-8")
    for _ in range(2):
        write_card(tmp_path, report(), ON, today=DAY)
    card = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert card["base_sha256"] == "cd"
    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert text.startswith("# Adapter\n\nTrained.\n")
    assert text.count("## Evaluation") == 1


@pytest.mark.parametrize("there", ["{", "[]"])
def test_a_card_that_cannot_be_read_is_not_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / "card.json").write_text(there, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"card\.json"):
        check_folder(tmp_path)


def test_one_arm_alone_is_a_card_too(tmp_path: Path) -> None:
    (only, _) = runs_of(TEXTS, new=[["e"]] * 12, old=[["e"]] * 12)
    write_card(tmp_path, report_on(queries_of(TEXTS), [only]), ON, today=DAY)
    assert [path.name for path in tmp_path.glob("*.svg")] == ["arms.svg"]
