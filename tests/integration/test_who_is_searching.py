"""Who is searching, and where: from the request's section, from UBI's, from headers, from the pipeline."""

import time
from typing import Any

import pytest

from sidecar.wire.reshelf.v1 import rerank_pb2
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import pipeline

pytestmark = pytest.mark.stack

QUERY: dict[str, Any] = {"match": {"title": "running shoe"}}


def test_nobody_need_say(search: SearchClient, fake: FakeSidecar) -> None:
    before = time.time()
    search.search("shelf", {"query": QUERY})
    assert fake.last.shopper == rerank_pb2.Shopper()
    assert fake.last.context.time.ToMilliseconds() / 1000 == pytest.approx(before, abs=5)
    assert fake.last.profile == ""
    assert not fake.last.explain


def test_the_requests_own_section(search: SearchClient, fake: FakeSidecar) -> None:
    said = {
        "client_id": "device-1",
        "session_id": "visit-2",
        "user_id": "customer-3",
        "consent": True,
        "locale": "en-GB",
        "device": "mobile",
        "channel": "app",
        "query_id": "query-4",
        "profile": "festive",
        "explain": True,
    }
    search.search("shelf", {"query": QUERY, "ext": {"reshelf": said}})
    asked = fake.last
    assert asked.shopper == rerank_pb2.Shopper(
        client_id="device-1",
        session_id="visit-2",
        user_id="customer-3",
        consent=rerank_pb2.CONSENT_GRANTED,
    )
    assert (asked.context.locale, asked.context.device, asked.context.channel) == ("en-GB", "mobile", "app")
    assert (asked.query.id, asked.profile, asked.explain) == ("query-4", "festive", True)


def test_consent_denied_is_not_consent_unsaid(search: SearchClient, fake: FakeSidecar) -> None:
    search.search("shelf", {"query": QUERY, "ext": {"reshelf": {"consent": False}}})
    assert fake.last.shopper.consent == rerank_pb2.CONSENT_DENIED


def test_the_section_of_behavior_insights(search: SearchClient, fake: FakeSidecar) -> None:
    """The UBI plugin is not installed here; a node setting lets ours accept its section."""
    ubi = {
        "query_id": "ubi-1",
        "client_id": "device-1",
        "application": "webshop",
        "user_query": "running shoe",
        "object_id_field": "serial",
        "query_attributes": {"ab": "b", "nested": {"list": [1, 2]}},
    }
    assert search.search("shelf", {"query": QUERY, "ext": {"ubi": ubi}}).status == 200
    asked = fake.last
    assert (asked.query.id, asked.shopper.client_id) == ("ubi-1", "device-1")
    assert asked.context.application == "webshop"


def test_headers(search: SearchClient, fake: FakeSidecar) -> None:
    headers = {
        "X-Client-Id": "device-1",
        "X-Session-Id": "visit-2",
        "X-User-Id": "customer-3",
        "Accept-Language": "zh-TW",
        "X-Consent": "denied",
    }
    search.search("shelf", {"query": QUERY}, headers=headers)
    assert fake.last.shopper == rerank_pb2.Shopper(
        client_id="device-1", session_id="visit-2", user_id="customer-3", consent=rerank_pb2.CONSENT_DENIED
    )
    assert fake.last.context.locale == "zh-TW"


def test_an_overlong_header_is_as_good_as_none(search: SearchClient, fake: FakeSidecar) -> None:
    answer = search.search("shelf", {"query": QUERY}, headers={"X-Client-Id": "x" * 2000})
    assert answer.status == 200
    assert fake.last.shopper.client_id == ""


def test_the_pipelines_own_configuration(search: SearchClient, fake: FakeSidecar) -> None:
    """For tools that can send neither section nor header, such as the Search Relevance Workbench."""
    options = {
        "shopper": {"client_id": "workbench", "consent": False},
        "context": {"locale": "de", "channel": "test"},
    }
    body = {"query": QUERY, "search_pipeline": pipeline(reshelf={**options, "profile": "tool"})}
    search.search("shelf", body)
    assert fake.last.shopper.client_id == "workbench"
    assert fake.last.shopper.consent == rerank_pb2.CONSENT_DENIED
    assert (fake.last.context.locale, fake.last.context.channel) == ("de", "test")
    assert fake.last.profile == "tool"


def test_the_more_particular_one_wins(search: SearchClient, fake: FakeSidecar) -> None:
    body = {
        "query": QUERY,
        "ext": {
            "reshelf": {"client_id": "from ext.reshelf"},
            "ubi": {"client_id": "from ext.ubi", "query_id": "from ext.ubi", "application": "from ext.ubi"},
        },
        "search_pipeline": pipeline(
            reshelf={
                "shopper": {"client_id": "from the pipeline", "user_id": "from the pipeline"},
                "context": {"locale": "from the pipeline", "device": "from the pipeline"},
            }
        ),
    }
    headers = {
        "X-Client-Id": "from a header",
        "X-Session-Id": "from a header",
        "Accept-Language": "from a header",
    }
    search.search("shelf", body, headers=headers)
    asked = fake.last
    assert asked.shopper.client_id == "from ext.reshelf"
    assert asked.query.id == asked.context.application == "from ext.ubi"
    assert asked.shopper.session_id == asked.context.locale == "from a header"
    assert asked.shopper.user_id == asked.context.device == "from the pipeline"


def test_two_shoppers_have_orders_of_their_own(search: SearchClient, fake: FakeSidecar) -> None:
    """What was decided for one shopper's first page says nothing about another's second."""
    for client in ("one", "other"):
        search.search("shelf", {"query": QUERY, "ext": {"reshelf": {"client_id": client}}})
    assert fake.calls == 2
    search.search("shelf", {"query": QUERY, "from": 10, "ext": {"reshelf": {"client_id": "one"}}})
    assert fake.calls == 2
    search.search("shelf", {"query": QUERY, "from": 10, "ext": {"reshelf": {"client_id": "third"}}})
    assert fake.calls == 3
