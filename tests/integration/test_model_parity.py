"""The default weights' models against the original weights, run by transformers, PEFT and torch."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from sidecar.inference import Encoder
from sidecar.model.build import Built, build_model
from sidecar.model.weights import DEFAULT, find_weights
from sidecar.stack.paths import cache_folder
from tests.unit.model.test_pair_parity import classifier, original_logits
from tests.unit.model.test_parity import original_vectors

pytest.importorskip("torch", reason="needs reshelf[train]: the original weights run with torch")
pytest.importorskip("transformers", reason="needs reshelf[train]")

# No server, but the built models that are served.
pytestmark = pytest.mark.stack

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "esci"
THINGS = [
    "running shoe",
    "kettle",
    "desk lamp",
    "office chair",
    "rain jacket",
    "garden hose",
    "frying pan",
    "mug",
]
TRAITS = [
    "red",
    "blue",
    "stainless steel",
    "cotton",
    "small",
    "folding",
    "waterproof",
    "for kids",
    "2 pack",
    "pro",
]
QUERIES = [
    "red running shoes for kids",
    "waterproof jacket",
    "steel kettle",
    "folding chair",
    "coffee mug 2 pack",
]


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """The bi-encoder at full precision."""
    folder = tmp_path_factory.mktemp("exact")
    return Encoder.load(build_model(folder, cache=cache_folder(), precision="fp32", adapter="none").folder)


@pytest.fixture(scope="module")
def exact_cross_encoder(adapter: Path, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """The cross-encoder at full precision."""
    folder = tmp_path_factory.mktemp("exact-cross")
    return Encoder.load(
        build_model(folder, cache=cache_folder(), precision="fp32", adapter=str(adapter)).folder
    )


def titles(count: int) -> list[str]:
    random = np.random.default_rng(11)
    return [
        f"Brand{number % 17} {random.choice(THINGS)} {' '.join(random.permutation(TRAITS)[: 1 + number % 9])}"
        for number in range(count)
    ]


def test_fp32_equals_the_original_weights(exact: Encoder) -> None:
    folder = find_weights(DEFAULT, cache_folder()).folder
    texts = [*titles(60), *QUERIES, "", "word " * 300, "naïve café — “quoted” №5"]
    ours = exact.score(texts, texts).vectors
    original = original_vectors(folder, texts, "mean")
    assert np.abs(ours - original).max() < 1e-3
    assert np.abs(ours @ ours.T - original @ original.T).max() < 1e-3


def test_int8_ranks_as_fp32_does(exact: Encoder, encoder: Encoder, built_model: Built) -> None:
    assert built_model.fingerprint.startswith("minilm-l6-int8@")
    texts = titles(300)
    overlaps = []
    for query in QUERIES:
        full = exact.score([query] * len(texts), texts).scores
        quick = encoder.score([query] * len(texts), texts).scores
        assert kendall(full, quick) > 0.95
        assert np.abs(full - quick).max() < 0.04
        overlaps.append(overlap_at_10(full, quick))
    assert np.mean(overlaps) >= 0.8


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data/esci is not there")
def test_int8_loses_no_relevance_on_judged_products(exact: Encoder, encoder: Encoder) -> None:
    """nDCG@10 over the judged products of each query, ordered by each precision."""
    with gzip.open(SHARED / "products.jsonl.gz", "rt", encoding="utf-8") as file:
        products = {product["product_id"]: product["title"] for product in map(json.loads, file)}
    lines = (SHARED / "judgments.jsonl").read_text(encoding="utf-8").splitlines()
    judged: dict[str, dict[str, float]] = {}
    gains = {"E": 1.0, "S": 0.1, "C": 0.01, "I": 0.0}
    for judgment in map(json.loads, lines):
        judged[judgment["query"]] = {
            product: gains[label] for product, label in judgment["labels"].items() if product in products
        }
    figures: dict[str, list[float]] = {"exact": [], "quick": []}
    for query in list(judged)[:20]:
        gain = np.array(list(judged[query].values()))
        texts = [products[product] for product in judged[query]]
        for name, engine in (("exact", exact), ("quick", encoder)):
            figures[name].append(ndcg_at_10(engine.score([query] * len(texts), texts).scores, gain))
    assert np.mean(figures["exact"]) > 0.5
    assert abs(np.mean(figures["exact"]) - np.mean(figures["quick"])) < 0.01


def test_fp32_logits_equal_those_of_peft(adapter: Path, exact_cross_encoder: Encoder) -> None:
    peft = pytest.importorskip("peft", reason="needs reshelf[train]")
    base = find_weights(DEFAULT, cache_folder()).folder
    model = peft.PeftModel.from_pretrained(classifier(base), adapter)
    pairs = [(query, title) for query in QUERIES for title in titles(12)]
    pairs += [("", ""), ("mug", ""), ("", "mug"), ("mug — “quoted”", "红色 跑鞋 naïve café №5")]
    pairs += [("word " * 300, "mug"), ("mug", "word " * 300), ("mug " * 300, "word " * 300)]
    queries, texts = zip(*pairs, strict=True)
    ours = exact_cross_encoder.score(queries, texts).scores
    assert np.abs(ours - original_logits(model, base / "tokenizer.json", pairs)).max() < 1e-3


def test_int8_ranks_pairs_as_fp32_does(exact_cross_encoder: Encoder, cross_encoder: Encoder) -> None:
    texts = titles(150)
    agreements, overlaps = [], []
    for query in QUERIES:
        full = exact_cross_encoder.score([query] * len(texts), texts).scores
        quick = cross_encoder.score([query] * len(texts), texts).scores
        agreements.append(kendall(full, quick))
        overlaps.append(overlap_at_10(full, quick))
        assert np.corrcoef(full, quick)[0, 1] > 0.97
    assert np.mean(agreements) > 0.85
    assert np.mean(overlaps) >= 0.7


def test_vectors_beside_a_cross_encoder_are_the_bi_encoders(cross_encoder: Encoder, encoder: Encoder) -> None:
    texts = titles(40)
    assert np.array_equal(cross_encoder.embed(texts), encoder.embed(texts))


def kendall(a: np.ndarray, b: np.ndarray) -> float:
    """Agreement of two orders over all pairs, -1 to 1."""
    upper = np.triu_indices(len(a), 1)
    return float((np.sign(a[:, None] - a)[upper] * np.sign(b[:, None] - b)[upper]).mean())


def overlap_at_10(a: np.ndarray, b: np.ndarray) -> float:
    """The share of the ten best that both orders name."""
    return len(set(np.argsort(-a)[:10]) & set(np.argsort(-b)[:10])) / 10


def ndcg_at_10(scores: np.ndarray, gain: np.ndarray) -> float:
    """nDCG@10; 0 where nothing is relevant."""
    discount = 1 / np.log2(np.arange(2, 12))
    best = float((np.sort(gain)[::-1][:10] * discount[: len(gain)]).sum())
    found = float((gain[np.argsort(-scores, kind="stable")][:10] * discount[: len(gain)]).sum())
    return found / best if best else 0.0
