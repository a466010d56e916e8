"""The real path, from a plain search to the model on Triton, over a shop with judged queries."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from sidecar.cli.pipeline import configured_pipeline
from sidecar.evaluation.arms import arms_named
from sidecar.evaluation.index import temporary_index
from sidecar.evaluation.judgments import drawn, load_judgments
from sidecar.evaluation.run import ArmRun, run_arms
from sidecar.opensearch.connection import connect
from sidecar.opensearch.pipeline_file import PIPELINE
from sidecar.opensearch.product_files import open_products
from sidecar.opensearch.search_pipeline import apply_pipeline, remove_pipeline
from sidecar.shop.shop import make_shop
from sidecar.stack.paths import project_root
from sidecar.stack.sidecar_process import SidecarProcess
from sidecar.stack.triton_process import TritonProcess
from tests.fixtures.cluster import Cluster
from tests.quality.gate import ARMS, Expectation, expectation

SHARED = project_root().parent / "shared" / "data" / "esci"
# Which data, where both could be measured: esci or shop.
CHOICE = "TESTS_OF_RESHELF_QUALITY_DATA"


@dataclass(frozen=True)
class JudgedShop:
    """Products, judgments of them, and what is expected."""

    products: Path
    judgments: Path
    expected: Expectation


@pytest.fixture(scope="session")
def judged_shop(tmp_path_factory: pytest.TempPathFactory) -> JudgedShop:
    """The shared judgments where they are, else the shop of our own."""
    name = os.environ.get(CHOICE) or ("esci" if SHARED.is_dir() else "shop")
    if name == "esci":
        return JudgedShop(SHARED / "products.jsonl.gz", SHARED / "judgments.jsonl", expectation(name))
    shop = make_shop(tmp_path_factory.mktemp("judged-shop"))
    return JudgedShop(shop.products, shop.judgments, expectation(name))


@pytest.fixture(scope="module")
def runs(
    running_cluster: Cluster,
    cross_triton: TritonProcess,
    judged_shop: JudgedShop,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[ArmRun]:
    """Both arms' answers, as `reshelf evaluate` gets them."""
    expected = judged_shop.expected
    queries = drawn(load_judgments(judged_shop.judgments), expected.queries, expected.seed)
    settings = {"scorer": {"triton": {"address": cross_triton.grpc_address}}}
    client = connect(running_cluster.data.url)
    with SidecarProcess(tmp_path_factory.mktemp("quality-sidecar"), settings=settings) as sidecar:
        running_cluster.restore(sidecar.grpc_address)
        apply_pipeline(client, configured_pipeline(None, None))
        try:
            with temporary_index(client, open_products(judged_shop.products), pipeline=PIPELINE) as loaded:
                return run_arms(client, loaded.index, arms_named(",".join(ARMS)), queries)
        finally:
            remove_pipeline(client)
            client.close()
