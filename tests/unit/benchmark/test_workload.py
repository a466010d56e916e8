"""What the arms are asked, how much work that is, and how much of it is padding."""

from pathlib import Path

import pytest

from sidecar.benchmark.model.padding import padded_tokens
from sidecar.benchmark.model.work_done import WorkMeter, pair_flops
from sidecar.benchmark.model.workload import Catalogue, Request, requests, scenarios
from sidecar.model.bert import Bert
from tests.fixtures.tiny_bert import make_tiny_bert

PRODUCTS = [
    {
        "title": f"Lamp {number}",
        "brand": ["Lumen"],
        "color": None,
        "description": f"A lamp. {'It shines. ' * 30}",
        "bullet_points": "",
    }
    for number in range(60)
]
CATALOGUE = Catalogue.of(PRODUCTS)
QUERIES = [f"lamp {number}" for number in range(9)]


def test_titles_are_what_a_search_sends() -> None:
    assert CATALOGUE.titles[3] == "Lamp 3 | Lumen"
    assert CATALOGUE.descriptions[3].startswith("Lamp 3 | A lamp. It shines.")


def test_the_same_seed_asks_the_same_and_no_text_twice() -> None:
    scenario = scenarios([20, 50, 300])["titles-50"]
    asked = requests(scenario, CATALOGUE, QUERIES, 12)
    assert asked == requests(scenario, CATALOGUE, QUERIES, 12)
    assert asked != requests(scenario, CATALOGUE, QUERIES, 12, seed=1)
    assert all(len(set(request.texts)) == 50 for request in asked)
    assert {request.query for request in asked} == set(QUERIES)


def test_a_shop_smaller_than_a_request_repeats_texts() -> None:
    scenario = scenarios([20, 50, 300])["titles-300"]
    assert len(requests(scenario, CATALOGUE, QUERIES, 1)[0].texts) == 300


def test_an_outlier_stands_among_titles() -> None:
    scenario = scenarios([20, 50, 300])["outlier-50"]
    (request,) = requests(scenario, CATALOGUE, QUERIES, 1)
    lengths = sorted(len(text.split()) for text in request.texts)
    assert lengths[-1] == 500
    assert lengths[-2] <= 4


def test_padding_by_way_of_batching() -> None:
    lengths = [10] * 31 + [90] + [10] * 31 + [90]
    arrival = padded_tokens(lengths, lengths, "arrival")
    assert arrival == 64 * 90
    assert padded_tokens(lengths, lengths, "one") == 64 * 90
    assert padded_tokens(lengths, lengths, "characters") == 32 * 90 + 32 * 10
    ours = padded_tokens(lengths, lengths, "ours")
    assert sum(lengths) <= ours < 1.1 * sum(lengths)


def test_work_counts_real_tokens_of_truncated_pairs(tmp_path: Path) -> None:
    meter = WorkMeter(make_tiny_bert(tmp_path / "bert"), max_length=16)
    work = meter.of(Request("red shoe", ["red shoe", "a b c d e " * 20]))
    assert list(work.lengths) == [7, 16]
    assert work.characters[0] == 16


def test_flops_are_the_published_ones() -> None:
    minilm = Bert(6, 12, 384, 1536, 30522, 512, 1e-12, "mean")
    found = [pair_flops(minilm, length) / 1e9 for length in (32, 64, 128)]
    assert found == pytest.approx([0.69, 1.40, 2.87], abs=0.01)
