"""Lists made from titles, pools and judgments."""

import json
from pathlib import Path

import pytest

from sidecar.evaluation.judgments import JudgedQuery
from sidecar.training.catalogue import Catalogue
from sidecar.training.errors import TrainingError
from sidecar.training.sources.judged import judged_lists
from sidecar.training.sources.pools import Pools, judged_together, load_pools, pool_lists
from sidecar.training.sources.titles import Titles, title_lists
from sidecar.training.words import terms
from tests.fixtures.training import catalogue_of, toy_catalogue

BEDS = [
    f"{maker} queen murphy bed, {wood}" for maker in ("Bestar", "Ludlow") for wood in ("oak", "pine", "ash")
]


@pytest.fixture
def shop() -> Catalogue:
    """Murphy beds, and what BM25 could take for them."""
    others = ["queen mattress", "murphy oil soap", "dog bed", "bed sheet queen", "oak table", "wool blanket"]
    return catalogue_of(*({"title": title} for title in [*BEDS, *others]))


def test_a_title_gives_a_query_that_its_product_answers(shop: Catalogue) -> None:
    quiet = Titles(lists=20, negatives=3, at_random=1, noise=0, category=0)
    lists = title_lists(shop, quiet, 0)
    assert lists == title_lists(shop, quiet, 0) != title_lists(shop, quiet, 1)
    assert len(lists) == 20
    for found in lists:
        right = found.products[0]
        assert found.gains[0] == 1 and not any(found.gains[1:])
        assert set(terms(found.query)) <= set(terms(shop.text_of(right)))
        assert len(set(found.products)) == len(found.products)


def test_near_twins_are_never_called_wrong() -> None:
    twins = catalogue_of(
        {"title": "Acme steel kettle 2 litres red"},
        {"title": "Acme steel kettle 2 litres blue"},
        {"title": "Other copper pan"},
        {"title": "Third steel kettle"},
    )
    for found in title_lists(twins, Titles(lists=30, negatives=3, at_random=2), 0):
        if found.products[0] in ("p0", "p1"):
            assert not {"p0", "p1"} & set(found.products[1:])


def test_hard_negatives_lack_a_word_of_the_query(shop: Catalogue) -> None:
    lists = title_lists(shop, Titles(lists=30, negatives=4, at_random=0, noise=0, category=0), 3)
    hard = [(one.query, product) for one in lists for product in one.products[1:]]
    assert hard
    full = [1 for query, product in hard if set(terms(query)) <= set(terms(shop.text_of(product)))]
    assert not full


def test_a_pools_shared_words_are_its_query(shop: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "pools.jsonl"
    path.write_text(json.dumps({"pool": "1", "products": [f"p{n}" for n in range(6)] + ["p99"]}) + "\n")
    found = load_pools(path, shop)
    assert found.unknown_products == 1
    assert found.problems == ["line 1: 1 products unknown"]
    settings = Pools(smallest=3, lists_a_pool=8, noise=0, shared_by=0.9)
    lists = pool_lists(shop, found.pools, settings, 0)
    assert lists == pool_lists(shop, found.pools, settings, 0)
    assert {one.query for one in lists} <= {"queen murphy", "murphy bed", "queen bed", "queen murphy bed"}
    for one in lists:
        right = {product for product, gain in zip(one.products, one.gains, strict=True) if gain}
        assert right <= {f"p{n}" for n in range(6)}
        assert not {f"p{n}" for n in range(6)} & (set(one.products) - right)


def test_bad_pools_are_named(tmp_path: Path) -> None:
    path = tmp_path / "pools.jsonl"
    path.write_bytes(b'{"pool": "1", "products": []}\n{"pool": "2"}\n\xff\n')
    with pytest.raises(TrainingError) as refused:
        load_pools(path, toy_catalogue())
    assert "2 bad lines" in str(refused.value)
    assert "pools.jsonl:2: expected" in str(refused.value)
    assert "pools.jsonl:3: not UTF-8" in str(refused.value)


def test_a_judged_querys_pool_is_recognised(shop: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "pools.jsonl"
    path.write_text(
        '{"pool": "1", "products": ["p0", "p1", "p2"]}\n{"pool": "2", "products": ["p0", "p9"]}\n'
    )
    pools = load_pools(path, shop).pools
    judged = [JudgedQuery(1, "beds", {"p0": "E", "p1": "I", "p7": "S"})]
    assert [judged_together(pool, judged) for pool in pools] == [True, False]


def test_labels_become_gains_and_what_is_unknown_is_told() -> None:
    queries = [
        JudgedQuery(1, "shoe", {"red-shoe": "E", "blue-shoe": "S", "red-mug": "I", "gone": "E"}),
        JudgedQuery(2, "lamp", {"red-lamp": "E", "blue-lamp": "E"}),
        JudgedQuery(3, "pan", {"lost": "E"}),
    ]
    found = judged_lists(queries, toy_catalogue(), 0, per_query=2)
    assert [one.query for one in found.lists] == ["shoe", "shoe"]
    gains = dict(zip(found.lists[0].products, found.lists[0].gains, strict=True))
    assert gains == {"red-shoe": 1.0, "blue-shoe": 0.1, "red-mug": 0.0}
    assert found.unknown_products == 2
    assert found.labels == {"E": 3, "S": 1, "I": 1}
    assert found.problems == [
        "line 1: 1 judged products unknown, such as gone",
        "line 2: all known products are alike, so no order can be learned",
        "line 3: 1 judged products unknown, such as lost",
        "line 3: all known products are alike, so no order can be learned",
    ]


def test_bm25_gives_a_judged_query_the_negatives_it_lacks() -> None:
    queries = [JudgedQuery(2, "red lamp", {"red-lamp": "E"})]
    (found,) = judged_lists(queries, toy_catalogue(), 0, per_query=1, negatives=3).lists
    assert found.gains == (1.0, 0.0, 0.0, 0.0)
    assert found.products[1] in ("blue-lamp", "red-shoe")
