"""Kinds of queries: each query in its slice, each slice with its own difference."""

from typing import Any

import numpy as np
import pytest

from sidecar.domain.understanding import EntityKind
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.slices import (
    FEW,
    SLICERS,
    brand_slicer,
    digits_of,
    length_of,
    negation_of,
    sliced,
    understanding_slicers,
)
from sidecar.ranking.understanding.harvest import Harvest
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary
from tests.unit.evaluation.made import measured_of


def query(text: str, **labels: str) -> JudgedQuery:
    return JudgedQuery(1, text, labels or {"a": "E"})


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("sofa", "1"),
        ("red sofa", "2"),
        ("  red   leather sofa ", "3–4"),
        ("3 seat red sofa", "3–4"),
        ("a sofa for small dark rooms", "5+"),
        ("沙发", "1"),
        ("红色沙发", "2"),
        ("红色 沙发 USB", "3–4"),
        ("适合小客厅的红色三人沙发", "5+"),
    ],
)
def test_length_in_words_where_two_signs_are_one(text: str, length: str) -> None:
    assert length_of(query(text)) == length


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("shampoo without sulfate", "yes"),
        ("Sugar-Free syrup", "yes"),
        ("knife that doesn't rust", "yes"),
        ("bag w/o zipper", "yes"),
        ("不含糖饮料", "yes"),
        ("无糖饮料", "yes"),
        ("无线耳机", "no"),
        ("不锈钢锅", "no"),
        ("note book", "no"),
        ("nonstick pan", "no"),
        ("free standing bath", "no"),
    ],
)
def test_negation(text: str, negated: str) -> None:
    assert negation_of(query(text)) == negated


def test_digits() -> None:
    assert [digits_of(query(text)) for text in ("iphone 13", "iphone", "１２寸")] == ["yes", "no", "yes"]


def test_brands_that_training_did_not_see() -> None:
    slicer = brand_slicer({"a": "acme", "b": "bolt"}, frozenset({"acme"}))
    assert slicer(query("x", a="E", b="E")) == "seen"
    assert slicer(query("x", b="E", a="S")) == "unseen"
    assert slicer(query("x", other="E")) == "", "no brand, no slice"


def test_understanding_where_there_is_one() -> None:
    made = Harvest({EntityKind.CATEGORY: {"Sofas": 40}, EntityKind.BRAND: {"Acme": 9}})
    for _ in range(40):
        made.read("Acme red leather sofa", ["Acme"], ["Sofas"])
    reader = Reader(Vocabulary("1", made.documents, made.names(), made.words()))
    slicers = understanding_slicers(reader.read)
    assert slicers["intent"](query("sofas")) == "category"
    assert slicers["intent"](query("how to clean a sofa")) == "question"
    assert slicers["specificity"](query("sofas")) == "low"
    assert slicers["specificity"](query("acme red leather sofa 220 cm s300")) == "high"


def test_a_slice_has_its_own_difference_and_interval() -> None:
    texts = ["sofa"] * FEW + ["red sofa"] * (FEW - 1)
    better, same = (["e"], ["e", "i"]), (["i", "e"], ["i", "e"])
    found = measured_of(texts, new=[better[0]] * FEW + [same[0]] * (FEW - 1), old=[same[0]] * (2 * FEW - 1))
    one, two = sliced(found, {"words": SLICERS["words"]})
    assert (one.value, one.n, two.value, two.n) == ("1", FEW, "2", FEW - 1)
    assert one.delta == pytest.approx(one.mean - one.baseline_mean)
    assert one.delta > 0.3
    assert one.ci95 == pytest.approx((one.delta, one.delta))
    assert two.delta == 0
    assert two.ci95 is None, "too few to resample"


def test_slices_stand_in_a_sensible_order_and_leave_out_what_has_none() -> None:
    texts = ["a", "b", "c", "d"]
    values: dict[str, Any] = dict(zip(texts, ["high", "low", "", "middle"], strict=True))
    found = measured_of(texts, new=[["e"]] * 4, old=[["e"]] * 4)
    slices = sliced(found, {"specificity": lambda query: values[query.text]})
    assert [(one.value, one.n) for one in slices] == [("low", 1), ("middle", 1), ("high", 1)]
    assert np.isclose(sum(one.delta for one in slices), 0)
