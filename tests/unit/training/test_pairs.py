"""Rows of tokens as BERT takes them."""

from pathlib import Path

import pytest

from sidecar.training.pairs import Pairs, by_length
from tests.fixtures.tiny_bert import make_tiny_bert


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_bert(tmp_path_factory.mktemp("tiny")) / "tokenizer.json"


def test_a_batch_is_padded_and_tells_query_and_product_apart(tokenizer: Path) -> None:
    pairs = Pairs(tokenizer, 24)
    batch = pairs.batch(pairs.rows("red", ["shoe", "red shoe"]))
    # [CLS] red [SEP] shoe [SEP] and one more token in the second row
    assert batch["input_ids"].shape == (2, 6)
    assert batch["input_ids"][0].tolist() == [2, 4, 3, 6, 3, 0]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1, 0], [1] * 6]
    assert batch["token_type_ids"].tolist() == [[0, 0, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1]]


def test_neither_a_long_query_nor_a_long_product_overflows(tokenizer: Path) -> None:
    pairs = Pairs(tokenizer, 16)
    ((ids, begin),) = pairs.rows("red " * 99, ["shoe " * 99])
    assert (len(ids), begin) == (16, 10)
    assert len(pairs.single("shoe " * 99)[0]) == 16


def test_rows_are_grouped_by_length_within_the_tokens_allowed() -> None:
    rows = [([0] * length, 0) for length in (5, 20, 6, 19, 7)]
    assert list(by_length(rows, 21)) == [[0, 2, 4], [3], [1]]
