"""Arms by their names: through the running sidecar with any profile, or in this process with any model."""

from pathlib import Path
from typing import Any

import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import DocumentText, Profile
from sidecar.evaluation.arms import Workshop, arms_named
from sidecar.evaluation.arms.in_process import candidates_of
from sidecar.evaluation.arms.profiled import Profiled
from sidecar.evaluation.arms.through_pipeline import PATIENT, patient
from sidecar.opensearch.pipeline_file import RERANK_PROCESSOR, WINDOW_PROCESSOR, load_pipeline
from sidecar.stack.paths import project_root

PROFILES = {
    "default": Profile(document=DocumentText(fields=["title"])),
    "blend": Profile(document=DocumentText(fields=["title", "brand", "rating"], max_characters=500)),
}
PIPELINES = project_root() / "plugin_config" / "pipelines"


def pipeline_of(profile: str) -> dict[str, Any]:
    return load_pipeline(PIPELINES, PROFILES, profile=profile)


def no_model(wanted: str) -> Path:
    raise ConfigurationError(f"no model {wanted}")


WORKSHOP = Workshop(lambda: PROFILES, pipeline_of, no_model)


class Answering:
    """An OpenSearch client that answers the same, and remembers what it was asked."""

    def __init__(self, **report: Any) -> None:
        self.report = report
        self.body: dict[str, Any] = {}

    def search(self, *, index: str, body: dict[str, Any]) -> dict[str, Any]:
        self.body = body
        return {"hits": {"hits": [{"_id": "a"}]}, "ext": {"reshelf": self.report}}


def test_profiles_are_arms() -> None:
    arms = arms_named("bm25,reranked,blend", WORKSHOP)
    assert [(arm.name, arm.needs_pipeline, arm.reranks) for arm in arms] == [
        ("bm25", False, False),
        ("reranked", True, True),
        ("blend", False, True),
    ]


@pytest.mark.parametrize("names", ["bm25,belnd", "belnd@int8"])
def test_an_unknown_name_is_told_the_profiles(names: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"belnd.* is no arm\. Arms: bm25, reranked, default, blend;"
    ):
        arms_named(names, WORKSHOP)


def test_a_model_is_asked_for_by_name() -> None:
    with pytest.raises(ConfigurationError, match="no model fp32"):
        arms_named("bm25,blend@fp32", WORKSHOP)
    with pytest.raises(ConfigurationError, match="`blend@` names no model"):
        arms_named("blend@", WORKSHOP)


def test_the_profile_decides_what_is_asked_and_sent() -> None:
    client: Any = Answering(reranked=True, versions={"model": "m@1", "profile": "blend@2"})
    arm = Profiled("blend", pipeline_of("blend"))
    answer = arm.search(client, "shop", "sofa", 100)
    assert (answer.ids, answer.incomplete) == (["a"], "")
    assert answer.versions == {"model": "m@1", "profile": "blend@2"}
    window = client.body["search_pipeline"]["request_processors"][0][WINDOW_PROCESSOR]
    assert (window["profile"], window["fields"], window["max_characters"]) == (
        "blend",
        ["title", "brand", "rating"],
        500,
    )
    assert set(client.body["search_pipeline"]) <= {"request_processors", "response_processors"}


def test_warming_is_patient_and_leaves_the_pipeline_as_it_is() -> None:
    client: Any = Answering(reranked=True)
    arm = Profiled("blend", pipeline_of("blend"))
    assert arm.warm(client, "shop", "sofa", 100) == ""
    assert client.body["search_pipeline"]["response_processors"][0][RERANK_PROCESSOR]["deadline"] == PATIENT
    arm.search(client, "shop", "sofa", 100)
    assert "deadline" not in client.body["search_pipeline"]["response_processors"][0][RERANK_PROCESSOR]
    body = pipeline_of("blend")
    patient(body)
    assert body == pipeline_of("blend")


def test_a_profile_that_the_sidecar_does_not_have_ends_it() -> None:
    skipped = [{"stage": "profile", "reason": "unknown_profile", "candidates": 0}]
    client: Any = Answering(reranked=True, skipped=skipped)
    with pytest.raises(ConfigurationError, match="the sidecar does not know the profile `blend`"):
        Profiled("blend", pipeline_of("blend")).search(client, "shop", "sofa", 100)


def test_hits_become_candidates_as_the_plugin_sends_them() -> None:
    source = {
        "title": "Sofa",
        "tags": ["a", None, "b"],
        "price": 5,
        "none": None,
        "empty": [],
        "size": {"width": {"cm": 20.5}, "in_stock": True},
    }
    hits = [
        {"_id": "x", "_index": "shop", "_score": 2, "_source": source},
        {"_id": "y", "_index": "shop", "_score": 1.5},
    ]
    first, second = candidates_of(hits)
    assert (first.id, first.rank, first.score, first.index) == ("x", 1, 2.0, "shop")
    assert first.fields == {
        "title": ["Sofa"],
        "tags": ["a", "b"],
        "price": [5],
        "size.width.cm": [20.5],
        "size.in_stock": [True],
    }
    assert (second.rank, second.fields) == (2, {})
