"""`reshelf evaluate` on a real node, with a sidecar that does as the test says."""

import json
from pathlib import Path

import grpc
import pytest
from opensearchpy import OpenSearch

from sidecar.evaluation.judgments import load_judgments
from sidecar.opensearch.loading import load_products
from sidecar.opensearch.product_files import open_products
from sidecar.shop.shop import Shop
from sidecar.wire.reshelf.v1.rerank_pb2 import RerankRequest, RerankResponse
from tests.fixtures.answers import Behaviour, failing, keeping, ranked
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.integration.shop.conftest import Reshelf

pytestmark = pytest.mark.stack


def knowing(judgments: Path) -> Behaviour:
    """A sidecar that has read the judgments: the best order there is."""
    labels = {query.text: query.labels for query in load_judgments(judgments)}
    order = {"E": 0, "S": 1, "C": 2, "I": 3}

    async def answer(request: RerankRequest, context: grpc.aio.ServicerContext) -> RerankResponse:
        judged = labels[request.query.text]
        best = sorted(request.candidates, key=lambda candidate: order[judged.get(candidate.id, "I")])
        return ranked(request, best)

    return answer


def test_a_perfect_sidecar_is_seen_to_be_perfect(
    client: OpenSearch, reshelf: Reshelf, small_shop: Shop, sidecar: FakeSidecar, tmp_path: Path
) -> None:
    sidecar.reset(knowing(small_shop.judgments))
    out = tmp_path / "result.json"
    result = reshelf(
        "evaluate",
        *("--products", small_shop.products, "--judgments", small_shop.judgments),
        *("--arms", "bm25,reranked", "--json", out),
    )
    assert result.exit_code == 0, result.output
    assert "reranked" in result.stdout, "a table for people"
    data = json.loads(out.read_text(encoding="utf-8"))
    assert data["queries"] == len(load_judgments(small_shop.judgments))
    bm25, reranked = data["arms"]["bm25"], data["arms"]["reranked"]
    assert 0.4 < bm25["ndcg@10"] < 0.95
    assert reranked["ndcg@10"] > bm25["ndcg@10"] + 0.05
    assert reranked["recall@100"] == pytest.approx(bm25["recall@100"]), "an order changes no recall"
    (first, *_) = data["comparisons"]
    assert first["delta"] == pytest.approx(reranked["ndcg@10"] - bm25["ndcg@10"])
    assert 0 < first["ci95"][0] < first["delta"] < first["ci95"][1]
    assert first["p"] < 0.01
    assert data["incomplete"] == {"reranked": 0}
    assert data["judged_products_missing"] == 0
    assert list(client.indices.get(index="*", params={"expand_wildcards": "all"})) == []


def test_a_sidecar_that_keeps_the_order_gains_nothing(
    client: OpenSearch, reshelf: Reshelf, small_shop: Shop, sidecar: FakeSidecar
) -> None:
    sidecar.reset(keeping)
    files = ("--products", small_shop.products, "--judgments", small_shop.judgments)
    result = reshelf("evaluate", *files, "--sample", 15, "--json", "-")
    data = json.loads(result.stdout)
    assert data["queries"] == 15
    assert data["arms"]["bm25"] == data["arms"]["reranked"]
    assert [(found["delta"], found["p"]) for found in data["comparisons"]] == [(0, 1)] * 5


def test_a_sidecar_that_fails_is_counted_and_told(
    client: OpenSearch, reshelf: Reshelf, small_shop: Shop, sidecar: FakeSidecar
) -> None:
    sidecar.reset(failing(grpc.StatusCode.INTERNAL))
    files = ("--products", small_shop.products, "--judgments", small_shop.judgments)
    result = reshelf("evaluate", *files, "--sample", 6, "--attempts", 2, "--json", "-")
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert data["incomplete"] == {"reranked": 6}
    assert "6 of 6 answers are not fully re-ranked" in result.stderr
    assert data["arms"]["bm25"] == data["arms"]["reranked"], "it failed open"


def test_an_index_that_is_there(
    client: OpenSearch, reshelf: Reshelf, small_shop: Shop, sidecar: FakeSidecar
) -> None:
    load_products(client, open_products(small_shop.products), "shop")
    files = ("--judgments", small_shop.judgments, "--index", "shop", "--sample", 5)
    refused = reshelf("evaluate", *files)
    assert refused.exit_code == 1
    assert "reshelf pipeline apply --index shop" in refused.stderr
    assert reshelf("pipeline", "apply", "--index", "shop").exit_code == 0
    assert reshelf("evaluate", *files).exit_code == 0
    assert client.indices.exists(index="shop")


def test_judged_products_that_are_not_there_are_named(
    client: OpenSearch, reshelf: Reshelf, small_shop: Shop, tmp_path: Path
) -> None:
    judgments = tmp_path / "judged.jsonl"
    judgments.write_text('{"query": "sofa", "labels": {"RS000001": "I", "nowhere": "E"}}\n', encoding="utf-8")
    files = ("--products", small_shop.products, "--judgments", judgments)
    result = reshelf("evaluate", *files, "--arms", "bm25", "--json", "-")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["judged_products_missing"] == 1
    assert "judged.jsonl:1: 1 not in the index: nowhere" in result.stderr


def test_a_profile_is_an_arm_and_everything_is_written(
    client: OpenSearch, reshelf: Reshelf, small_shop: Shop, sidecar: FakeSidecar, tmp_path: Path
) -> None:
    sidecar.reset(knowing(small_shop.judgments))
    brands = tmp_path / "brands.txt"
    brands.write_text("Bumblebrook\n", encoding="utf-8")
    result = reshelf(
        *("evaluate", "--products", small_shop.products, "--judgments", small_shop.judgments),
        *("--arms", "bm25,default", "--sample", 20, "--json", tmp_path / "result.json"),
        *("--per-query", tmp_path / "queries.csv", "--card", tmp_path / "card", "--seen-brands", brands),
    )
    assert result.exit_code == 0, result.output
    assert {request.profile for request in sidecar.requests} == {"default"}
    data = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    (first, *_) = data["comparisons"]
    assert (first["arm"], first["wins"] > first["losses"]) == ("default", True)
    assert data["versions"] == {"default": {"model": ["fake@1"], "sidecar": ["fake"]}}
    assert {found["slice"] for found in data["slices"]} == {
        *("words", "digits", "negation"),
        *("intent", "specificity", "brand"),
    }
    assert "best wins of default" in result.stdout
    table = (tmp_path / "queries.csv").read_text(encoding="utf-8").splitlines()
    assert len(table) == 21
    assert "default-bm25:ndcg@10" in table[0]
    card = json.loads((tmp_path / "card" / "card.json").read_text(encoding="utf-8"))["evaluation"]
    assert card["arms"] == data["arms"]
    assert set(card["data"]["products"]) == {"name", "sha256"}
    assert (tmp_path / "card" / "card.md").is_file()


def test_a_profile_that_only_this_side_knows_ends_the_evaluation(
    client: OpenSearch, reshelf: Reshelf, small_shop: Shop, sidecar: FakeSidecar
) -> None:
    async def ignorant(request: RerankRequest, context: grpc.aio.ServicerContext) -> RerankResponse:
        response = ranked(request, request.candidates)
        response.skipped.add(stage="profile", reason="unknown_profile")
        return response

    sidecar.reset(ignorant)
    files = ("--products", small_shop.products, "--judgments", small_shop.judgments)
    result = reshelf("evaluate", *files, "--sample", 3, "--arms", "bm25,default")
    assert result.exit_code == 1
    assert "the sidecar does not know the profile `default`" in result.stderr
    assert list(client.indices.get(index="*", params={"expand_wildcards": "all"})) == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--arms", "bm52"), "Arms: bm25, reranked, bi-encoder, cross-encoder, default"),
        (
            ("--arms", "bm25,default@nowhere"),
            "`nowhere` is neither int8 nor int8-dynamic nor fp32 nor the folder",
        ),
        (("--per-query", "queries.xlsx"), "must end in .csv or .json"),
        (("--per-query", "nowhere/queries.csv"), "folder of nowhere/queries.csv does not exist"),
        (("--seen-brands", "nowhere.txt"), "nowhere.txt: cannot be read"),
        (("--json", "nowhere/result.json"), "folder of nowhere/result.json does not exist"),
        (("--judgments", "nowhere.jsonl"), "nowhere.jsonl: cannot be read"),
    ],
)
def test_what_cannot_work_is_told_before_anything_is_loaded(
    client: OpenSearch, reshelf: Reshelf, small_shop: Shop, options: tuple[str, str], told: str
) -> None:
    files = {"--products": str(small_shop.products), "--judgments": str(small_shop.judgments)}
    given = {**files, options[0]: options[1]}
    result = reshelf("evaluate", *(part for pair in given.items() for part in pair))
    assert result.exit_code == 1
    assert told in result.stderr
    assert list(client.indices.get(index="*", params={"expand_wildcards": "all"})) == []
