"""The arm that ranks in this process: the sidecar's own pipeline, with a model of its own."""

from pathlib import Path
from typing import Any

import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import DocumentText, Profile, RelevanceProfile, RelevanceWeights
from sidecar.evaluation.arms.in_process import InProcess
from sidecar.evaluation.index_readers import IndexReaders
from sidecar.model.build import build_model
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary
from tests.fixtures.tiny_bert import make_tiny_bert

PROFILE = Profile(
    document=DocumentText(fields=["title", "color"]),
    relevance=RelevanceProfile(weights=RelevanceWeights(model=1, first_stage=0)),
)
HITS = ["steel kettle", "blue chair", "red shoe", "garden lamp"]


class WithoutCatalogue(IndexReaders):
    """No index is read."""

    def of(self, client: Any, index: str) -> Reader:
        return Reader(Vocabulary.without_catalogue())


READERS = WithoutCatalogue()


class Shop:
    """An OpenSearch client whose index holds four products, always found in the same order."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def search(self, *, index: str, body: dict[str, Any], params: dict[str, str]) -> dict[str, Any]:
        self.asked.append((body["_source"], params))
        hits = [
            {"_id": title, "_index": index, "_score": 9.0 - place, "_source": {"title": title, "color": None}}
            for place, title in enumerate(HITS)
        ]
        return {"hits": {"hits": hits[: body["size"]]}}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    weights = make_tiny_bert(folder / "weights")
    return build_model(folder / "built", cache=folder, weights=str(weights), precision="fp32").folder


def test_the_models_order_of_plain_hits(model: Path) -> None:
    shop: Any = Shop()
    answer = InProcess("default@fp32", PROFILE, model, READERS).search(shop, "shop", "Red Shoe", 100)
    assert sorted(answer.ids) == sorted(HITS)
    assert answer.ids[0] == "red shoe", "an equal text is nearest to any model"
    assert answer.incomplete == ""
    assert answer.versions["model"].startswith("weights-fp32@")
    assert answer.versions["profile"] == f"default@{PROFILE.version()}"
    assert shop.asked == [(["title", "color"], {"search_pipeline": "_none"})]


def test_the_same_again_is_the_same(model: Path) -> None:
    shop: Any = Shop()
    arm = InProcess("default@fp32", PROFILE, model, READERS)
    assert arm.search(shop, "shop", "garden lamp", 4) == arm.search(shop, "shop", "garden lamp", 4)


def test_nothing_found_is_complete(model: Path) -> None:
    shop: Any = Shop()
    answer = InProcess("default@fp32", PROFILE, model, READERS).search(shop, "shop", "x", 0)
    assert (answer.ids, answer.incomplete) == ([], "")


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--arms: `default@x`: .*no built model there"):
        InProcess("default@x", PROFILE, tmp_path, READERS)
