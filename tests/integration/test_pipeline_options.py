"""A pipeline that cannot work is refused when it is created, and the refusal says the fix."""

from typing import Any

import pytest

from tests.fixtures.answers import sleeping
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import pipeline

pytestmark = pytest.mark.stack

REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "unknown option of the window": ("windw", pipeline(reshelf_window={"windw": 50})),
    "unknown option of the second half": ("dealine", pipeline(reshelf={"dealine": "1s"})),
    "window 0": ("window", pipeline(window=0)),
    "negative window": ("window", pipeline(window=-5)),
    "window beyond the contract": ("window", pipeline(window=1001)),
    "window as a text": ("window", pipeline(reshelf_window={"window": "many"})),
    "window as a fraction": ("window", pipeline(reshelf_window={"window": 10.5})),
    "fields not given": (
        "fields",
        {
            "request_processors": [{"reshelf_window": {"window": 10}}],
            "response_processors": [{"reshelf": {}}],
        },
    ),
    "the first half alone": ("response_processors", {**pipeline(), "response_processors": []}),
    "the second half alone": ("request_processors", {**pipeline(), "request_processors": []}),
    "the first half twice": (
        "reshelf_window",
        {**pipeline(), "request_processors": pipeline()["request_processors"] * 2},
    ),
    "the second half twice": (
        "reshelf",
        {**pipeline(), "response_processors": pipeline()["response_processors"] * 2},
    ),
    "fields as a text": ("fields", pipeline(reshelf_window={"fields": "title"})),
    "a pattern among the fields": ("fields", pipeline(reshelf_window={"fields": ["att*"]})),
    "a field twice": ("fields", pipeline(reshelf_window={"fields": ["title", "title"]})),
    "an empty field name": ("fields", pipeline(reshelf_window={"fields": [""]})),
    "a number among the fields": ("fields", pipeline(reshelf_window={"fields": [1]})),
    "too many fields": ("fields", pipeline(reshelf_window={"fields": [f"f{n}" for n in range(65)]})),
    "a profile with a path in it": ("profile", pipeline(reshelf_window={"profile": "../x"})),
    "a deadline without its unit": ("deadline", pipeline(reshelf={"deadline": "100"})),
    "a deadline of nothing": ("deadline", pipeline(reshelf={"deadline": "0ms"})),
    "a deadline beyond reason": ("deadline", pipeline(reshelf={"deadline": "2h"})),
    "unknown key of the shopper": ("name", pipeline(reshelf={"shopper": {"name": "x"}})),
    "shopper as a text": ("shopper", pipeline(reshelf={"shopper": "x"})),
    "consent as a text": ("consent", pipeline(reshelf={"shopper": {"consent": "yes"}})),
    "unknown key of the context": ("place", pipeline(reshelf={"context": {"place": "x"}})),
    "an overlong locale": ("locale", pipeline(reshelf={"context": {"locale": "x" * 36}})),
}


@pytest.mark.parametrize(("option", "body"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(option: str, body: dict[str, Any], search: SearchClient) -> None:
    answer = search.call("PUT", "/_search/pipeline/refused", body)
    assert answer.status == 400
    error = answer.body["error"]
    assert option in error["root_cause"][0].get("property_name", "") or option in error["reason"]
    assert search.call("GET", "/_search/pipeline/refused").status == 404


@pytest.mark.parametrize(("option", "body"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_inline(option: str, body: dict[str, Any], search: SearchClient) -> None:
    answer = search.search("shelf", {"query": {"match": {"title": "shoe"}}, "search_pipeline": body})
    assert 400 <= answer.status < 500
    assert option in str(answer.body["error"])


def test_creating_a_pipeline_opens_no_channel(search: SearchClient, fake: FakeSidecar) -> None:
    search.ok("PUT", "/_search/pipeline/another", pipeline())
    search.ok("DELETE", "/_search/pipeline/another")
    assert fake.calls == 0


def test_a_deadline_of_its_own(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(sleeping(5))
    search.settings(reshelf__deadline="4s")
    body = {
        "query": {"match": {"title": "shoe"}},
        "search_pipeline": pipeline(reshelf={"deadline": "30ms"}),
        "ext": {"reshelf": {}},
    }
    answer = search.search("shelf", body)
    assert answer.report["reason"] == "deadline"
    assert answer.seconds < 2
