"""The made shop: the same bytes for the same seed, lifelike, and judged by truth alone."""

import gzip
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from sidecar.opensearch.product import Product, check_product
from sidecar.shop.catalogue import Forms, load_catalogue, parse_forms
from sidecar.shop.judging import Wish, fulfils, label
from sidecar.shop.made import CHINESE, ENGLISH, Made, Truth
from sidecar.shop.queries import PLAN, Query
from sidecar.shop.shop import invent_shop, make_shop

CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def shop() -> tuple[list[Made], list[Query]]:
    return invent_shop()


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    first, again = make_shop(tmp_path / "a", products=300), make_shop(tmp_path / "b", products=300)
    assert first.products.read_bytes() == again.products.read_bytes()
    assert first.judgments.read_bytes() == again.judgments.read_bytes()


def test_another_seed_makes_another_shop(tmp_path: Path) -> None:
    first, other = make_shop(tmp_path / "a", products=300), make_shop(tmp_path / "b", seed=2, products=300)
    assert first.products.read_bytes() != other.products.read_bytes()


def test_the_files_are_in_the_format_of_the_loader(tmp_path: Path) -> None:
    made = make_shop(tmp_path, products=300)
    lines = gzip.decompress(made.products.read_bytes()).decode("utf-8").splitlines()
    documents = [json.loads(line) for line in lines]
    checked = [check_product(number, document) for number, document in enumerate(documents, 1)]
    assert all(isinstance(row, Product) for row in checked)
    assert len({document["product_id"] for document in documents}) == len(documents) == 300
    judged = [json.loads(line) for line in made.judgments.read_text(encoding="utf-8").splitlines()]
    known = {document["product_id"] for document in documents}
    assert all(set(entry["labels"]) <= known for entry in judged)


@pytest.mark.parametrize("count", [1, 200, 777])
def test_as_many_products_as_were_asked_for(count: int) -> None:
    assert len(invent_shop(products=count)[0]) == count


def test_it_is_a_shop_of_many_kinds(shop: tuple[list[Made], list[Query]]) -> None:
    made, queries = shop
    locales = Counter(product.truth.locale for product in made)
    assert len(made) == 2000
    assert len(CATALOGUE.departments) >= 12
    assert {product.truth.kind for product in made} == set(CATALOGUE.types)
    assert 250 <= locales[CHINESE] <= 550
    assert len(queries) >= 40
    planned = {sort: sum(counts) for sort, counts in PLAN.items()}
    assert Counter(query.sort for query in queries) == planned


def test_titles_do_not_tell_everything(shop: tuple[list[Made], list[Query]]) -> None:
    """What makes it lifelike: words that are missing, other words for the same thing, words of others."""
    made, _ = shop
    english = [product for product in made if product.truth.locale == ENGLISH]
    sofas = [product for product in english if product.truth.kind == "sofa"]
    named_otherwise = [product for product in sofas if "sofa" not in product.document["title"].lower()]
    assert named_otherwise
    accessories = [product for product in english if CATALOGUE.types[product.truth.kind].fits == "phone"]
    assert any("Smartphone" in product.document["title"] for product in accessories)
    assert any(product.document["brand"] == "" for product in made)
    assert any(product.document["color"] == "" for product in made)


def test_ids_and_order_tell_nothing_about_the_kind(shop: tuple[list[Made], list[Query]]) -> None:
    kinds = [product.truth.kind for product in shop[0]]
    neighbours_alike = sum(first == second for first, second in pairwise(kinds))
    assert neighbours_alike < len(kinds) * 0.05


def test_every_query_can_be_answered_and_is_asked_once(shop: tuple[list[Made], list[Query]]) -> None:
    _, queries = shop
    assert len({query.text for query in queries}) == len(queries)
    for query in queries:
        counts = Counter(query.labels.values())
        assert counts["E"] >= 2, query.text
        assert counts["I"] >= 10, query.text
    assert sum("S" in query.labels.values() for query in queries) > len(queries) / 2
    assert sum("C" in query.labels.values() for query in queries) > len(queries) / 4


def test_labels_follow_from_the_truth_not_from_the_text(shop: tuple[list[Made], list[Query]]) -> None:
    made, queries = shop
    truths = {product.id: product.truth for product in made}
    for query in queries:
        for product, found in query.labels.items():
            truth = truths[product]
            assert truth.locale == query.wish.locale
            if found == "E":
                assert truth.kind == query.wish.kind
                assert fulfils(query.wish, truth)
            if found == "C":
                fits = (CATALOGUE.types[truth.kind].fits, CATALOGUE.types[query.wish.kind].fits)
                assert query.wish.kind == fits[0] or truth.kind == fits[1]
        exact = {product for product, found in query.labels.items() if found == "E"}
        wished = {
            product.id
            for product in made
            if product.truth.kind == query.wish.kind
            and product.truth.locale == query.wish.locale
            and fulfils(query.wish, product.truth)
        }
        assert exact == wished, f"{query.text}: all that is exact is judged"


SOFA = Truth("sofa", ENGLISH, "Oakmere", "Alora", "grey", {"material": "velvet"}, ("living",), 499.0)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish("sofa", ENGLISH), "E"),
        (Wish("sofa", ENGLISH, color="grey", values={"material": "velvet"}), "E"),
        (Wish("sofa", ENGLISH, color="red"), "S"),
        (Wish("sofa", ENGLISH, values={"material": "leather"}), "S"),
        (Wish("sofa", ENGLISH, values={"seats": "three"}), "S"),
        (Wish("sofa", ENGLISH, brand="Nestory"), "S"),
        (Wish("sofa", ENGLISH, use="office"), "S"),
        (Wish("futon", ENGLISH), "S"),
        (Wish("sofa cover", ENGLISH), "C"),
        (Wish("kettle", ENGLISH), "I"),
        (Wish("sofa", CHINESE), "I"),
    ],
)
def test_the_labels_of_a_grey_velvet_sofa(wish: Wish, expected: str) -> None:
    assert label(CATALOGUE, wish, SOFA) == expected


def test_an_accessory_is_a_complement() -> None:
    cover = Truth("sofa cover", ENGLISH, "Oakmere", "Alora", "grey", {}, ("pets",), 29.99)
    assert label(CATALOGUE, Wish("sofa", ENGLISH), cover) == "C"
    assert label(CATALOGUE, Wish("armchair", ENGLISH), cover) == "I"


def test_forms_need_an_english_and_a_chinese_word() -> None:
    assert parse_forms("sofa / couch / 沙发") == Forms(("sofa", "couch"), "沙发")
    for wrong in ("sofa", "sofa / ", ""):
        with pytest.raises(ValueError, match="expected `English"):
            parse_forms(wrong)
