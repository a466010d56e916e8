"""Messages to searches and rankings to messages, within the limits."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from sidecar.config.sidecar import Limits
from sidecar.domain.candidate import Candidate
from sidecar.domain.hiding_check import HidingCheck
from sidecar.domain.ranking import (
    Contribution,
    FetchedHit,
    Layout,
    Ranking,
    RuleTouch,
    Skip,
    StageReport,
)
from sidecar.domain.search import Consent, FieldFilter, LayoutWish, Page, Search
from sidecar.server.conversion import Contract
from sidecar.server.errors import BadRequest
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire

CONTRACT = Contract(Limits(), default_budget=1.0)


def read(request: wire.RerankRequest, contract: Contract = CONTRACT, **more: Any) -> Search:
    return contract.search_of(request, size=request.ByteSize(), **more)


def candidate(rank: int = 1, **more: Any) -> wire.Candidate:
    return wire.Candidate(**{"id": f"id-{rank}", "rank": rank, **more})


def with_candidates(*hits: wire.Candidate) -> wire.RerankRequest:
    return wire.RerankRequest(query=wire.Query(text="red shoes"), candidates=hits)


def restricted(**filter_: Any) -> wire.RerankRequest:
    return wire.RerankRequest(query=wire.Query(filters=[wire.FieldFilter(**filter_)]))


def with_columns(**columns: Any) -> wire.RerankRequest:
    return wire.RerankRequest(query=wire.Query(text="red shoes"), columns=wire.CandidateColumns(**columns))


def test_everything_that_a_request_says() -> None:
    asked = read(
        wire.RerankRequest(
            query=wire.Query(text="red shoes", id="q-1", index="shop"),
            candidates=[
                candidate(
                    score=2.5,
                    index="shop-1",
                    fields={
                        "title": wire.FieldValue(texts=["a", "b"]),
                        "price": wire.FieldValue(numbers=[5]),
                        "new": wire.FieldValue(flags=[True]),
                    },
                )
            ],
            shopper=wire.Shopper(client_id="c", session_id="s", user_id="u", consent=wire.CONSENT_DENIED),
            context=wire.Context(
                locale="en-GB",
                device="mobile",
                channel="web",
                application="app",
                time=Timestamp(seconds=1_700_000_000),
            ),
            profile="default",
            explain=True,
        )
    )
    assert (asked.query, asked.query_id, asked.index) == ("red shoes", "q-1", "shop")
    (hit,) = asked.candidates
    assert (hit.id, hit.rank, hit.score, hit.index) == ("id-1", 1, 2.5, "shop-1")
    assert dict(hit.fields) == {"title": ["a", "b"], "price": [5.0], "new": [True]}
    assert asked.shopper.consent is Consent.DENIED
    assert (asked.shopper.client_id, asked.shopper.session_id, asked.shopper.user_id) == ("c", "s", "u")
    assert asked.context.time == datetime.fromtimestamp(1_700_000_000, UTC)
    assert (asked.context.locale, asked.context.device) == ("en-GB", "mobile")
    assert (asked.context.channel, asked.context.application) == ("web", "app")
    assert asked.explain
    assert not asked.skipped


def test_reading_a_field_that_is_not_there_does_not_make_it() -> None:
    request = with_candidates(candidate())
    fields = read(request).candidates[0].fields
    assert fields.get("title") is None
    with pytest.raises(KeyError):
        fields["title"]
    assert len(fields) == 0
    assert not request.candidates[0].fields


def test_strength_none_of_it_and_nothing_said_are_three_things() -> None:
    strengths = [
        read(request).strength
        for request in (
            wire.RerankRequest(),
            wire.RerankRequest(strength=0),
            wire.RerankRequest(strength=0.5),
        )
    ]
    assert strengths == [None, 0, 0.5]


def test_the_page_that_was_asked_for() -> None:
    assert read(wire.RerankRequest(page=wire.Page(start=20, size=10))).page == Page(20, 10)
    assert read(wire.RerankRequest(page=wire.Page(start=20))).page == Page()
    assert read(wire.RerankRequest()).page == Page()


def test_crawlers_say_so() -> None:
    assert read(wire.RerankRequest(context=wire.Context(crawler=True))).context.crawler
    assert not read(wire.RerankRequest(context=wire.Context(device="mobile"))).context.crawler


def test_segments_and_experiments() -> None:
    asked = read(
        wire.RerankRequest(
            shopper=wire.Shopper(segments=["runner", "vip"]),
            context=wire.Context(experiments={"grid": "b", "banner": "a"}),
        )
    )
    assert asked.shopper.segments == ("runner", "vip")
    assert dict(asked.context.experiments) == {"grid": "b", "banner": "a"}
    assert list(asked.context.experiments) == ["banner", "grid"]


def test_what_a_search_is_restricted_to() -> None:
    sent = [wire.FieldFilter(field="category", values=["Shoes", "Boots"])] * 2
    asked = read(wire.RerankRequest(query=wire.Query(filters=sent)))
    assert asked.filters == [FieldFilter("category", ("Shoes", "Boots"))] * 2
    assert asked.browses
    assert read(with_candidates(candidate())).filters == ()
    assert not read(with_candidates(candidate())).browses


def test_who_says_nothing_of_the_layout_wants_what_there_was_before_it() -> None:
    assert read(wire.RerankRequest()).layout == LayoutWish()
    wished = wire.LayoutWish(removes=True, fetches=True, sponsored=True)
    assert read(wire.RerankRequest(layout=wished)).layout == LayoutWish(
        removes=True, fetches=True, sponsored=True
    )
    wished = wire.LayoutWish(metadata=True, structured_data=True)
    assert read(wire.RerankRequest(layout=wished)).layout == LayoutWish(metadata=True, structured_data=True)


@given(
    st.builds(
        HidingCheck, st.text(), st.lists(st.text(), min_size=1, max_size=5).map(tuple), st.floats(0, 1e11)
    )
)
def test_a_check_of_documents_comes_back_as_it_went(check: HidingCheck) -> None:
    ranking = Ranking([], [], (), [], [], {}, "", True, 0, fetched=[FetchedHit("a", "", 1, "r")], check=check)
    text = Contract.answer_of(wire.RerankRequest(), ranking).check
    wish = read(wire.RerankRequest(layout=wire.LayoutWish(removes=True, check=text))).layout
    assert wish == LayoutWish(removes=True, check=check)


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "{}",
        "[1, 2, 3]",
        '["7@abc", 1.5, []]',
        '["7@abc", 1.5, [1]]',
        '["7@abc", NaN, ["r"]]',
        '["7@abc", ' + "9" * 4000 + ', ["r"]]',
        json.dumps(["7@abc", 1.5, ["r"] * 201]),
        "[" * 10_000,
        " " * 20_000,
    ],
)
def test_a_text_that_is_no_check_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(wire.RerankRequest(layout=wire.LayoutWish(removes=True, check=text)))
    assert caught.value.field == "layout.check"
    assert "send that as it came" in str(caught.value) or "above the limit of 16384" in str(caught.value)


def test_a_check_is_for_callers_that_take_hits_out() -> None:
    with pytest.raises(BadRequest, match=r"layout\.check: needs `layout\.removes`"):
        read(wire.RerankRequest(layout=wire.LayoutWish(check='["7@abc", 1.5, ["r"]]')))


def test_an_empty_request_is_a_search_for_nothing_by_nobody() -> None:
    asked = read(wire.RerankRequest())
    assert (asked.query, list(asked.candidates), asked.profile) == ("", [], "")
    assert asked.shopper.client_id == ""
    assert asked.context.time is None


@given(st.integers(-62_135_596_800, 253_402_300_799), st.integers(0, 999_999_999))
def test_a_time_is_what_protobuf_says_it_is(seconds: int, nanos: int) -> None:
    sent = Timestamp(seconds=seconds, nanos=nanos)
    assert read(wire.RerankRequest(context=wire.Context(time=sent))).context.time == sent.ToDatetime(UTC)


def test_an_unknown_kind_of_consent_is_none() -> None:
    assert read(wire.RerankRequest(shopper=wire.Shopper(consent=9))).shopper.consent is Consent.DENIED


@pytest.mark.parametrize(
    ("request_", "field", "limit"),
    [
        (with_candidates(*(candidate(rank) for rank in range(1, 1002))), "candidates", "1000"),
        (wire.RerankRequest(strength=1.5), "strength", "from 0 to 1"),
        (wire.RerankRequest(strength=-0.1), "strength", "from 0 to 1"),
        (wire.RerankRequest(strength=float("nan")), "strength", "from 0 to 1"),
        (wire.RerankRequest(page=wire.Page(start=10**7, size=10)), "page", "1000000"),
        (with_candidates(candidate(), candidate(2, id="")), "candidates[1].id", "512"),
        (with_candidates(candidate(id="x" * 513)), "candidates[0].id", "512"),
        (with_candidates(candidate(id="é" * 257)), "candidates[0].id", "512"),
        (with_candidates(candidate(score=float("nan"))), "candidates[0].score", "finite"),
        (with_candidates(candidate(score=float("-inf"))), "candidates[0].score", "finite"),
        (with_candidates(candidate(1), candidate(1)), "candidates[1].rank", "1"),
        (with_candidates(candidate(1), candidate(0)), "candidates[1].rank", "0"),
        (
            with_candidates(candidate(fields={f"f{number}": wire.FieldValue() for number in range(65)})),
            "candidates[0].fields",
            "64",
        ),
        (wire.RerankRequest(query=wire.Query(id="x" * 129)), "query.id", "128"),
        (
            wire.RerankRequest(
                query=wire.Query(filters=[wire.FieldFilter(field=f"f{n}", values=["a"]) for n in range(33)])
            ),
            "query.filters",
            "32",
        ),
        (restricted(field="", values=["a"]), "query.filters[0].field", "name the field"),
        (restricted(field="x" * 257, values=["a"]), "query.filters[0].field", "256"),
        (restricted(field="a", values=[]), "query.filters[0].values", "64"),
        (restricted(field="a", values=["b"] * 65), "query.filters[0].values", "64"),
        (restricted(field="a", values=["b", "x" * 257]), "query.filters[0].values[1]", "256"),
        (wire.RerankRequest(profile="../x"), "profile", "64"),
        (wire.RerankRequest(profile="x" * 65), "profile", "64"),
        (wire.RerankRequest(budget_ms=60_001), "budget_ms", "60000"),
        (wire.RerankRequest(shopper=wire.Shopper(client_id="x" * 129)), "shopper.client_id", "128"),
        (wire.RerankRequest(shopper=wire.Shopper(session_id="x" * 129)), "shopper.session_id", "128"),
        (wire.RerankRequest(shopper=wire.Shopper(user_id="x" * 129)), "shopper.user_id", "128"),
        (wire.RerankRequest(shopper=wire.Shopper(segments=["x"] * 33)), "shopper.segments", "32"),
        (wire.RerankRequest(shopper=wire.Shopper(segments=["x", "y" * 65])), "shopper.segments[1]", "64"),
        (wire.RerankRequest(shopper=wire.Shopper(segments=[" "])), "shopper.segments[0]", "leave it out"),
        (
            wire.RerankRequest(context=wire.Context(experiments={f"e{number}": "a" for number in range(17)})),
            "context.experiments",
            "16",
        ),
        (wire.RerankRequest(context=wire.Context(experiments={"x" * 65: "a"})), "context.experiments", "64"),
        (wire.RerankRequest(context=wire.Context(experiments={"": "a"})), "context.experiments", "empty"),
        (
            wire.RerankRequest(context=wire.Context(experiments={"e": "x" * 65})),
            "context.experiments.e",
            "64",
        ),
        (wire.RerankRequest(context=wire.Context(locale="x" * 36)), "context.locale", "35"),
        (wire.RerankRequest(context=wire.Context(device="x" * 65)), "context.device", "64"),
        (wire.RerankRequest(context=wire.Context(channel="x" * 65)), "context.channel", "64"),
        (wire.RerankRequest(context=wire.Context(application="x" * 129)), "context.application", "128"),
        *(
            (wire.RerankRequest(context=wire.Context(time=Timestamp(**sent))), "context.time", "9999")
            for sent in (
                {"seconds": 10**15},
                {"seconds": -(10**12)},
                {"seconds": 2**63 - 1},
                {"nanos": 10**9},
                {"nanos": -1},
            )
        ),
    ],
)
def test_beyond_a_limit(request_: wire.RerankRequest, field: str, limit: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(request_)
    assert refused.value.field == field
    assert limit in str(refused.value)


def test_at_the_limits() -> None:
    fields = {f"f{number}": wire.FieldValue() for number in range(64)}
    hits = [candidate(rank, id="é" * 256, fields=fields) for rank in range(1, 1001)]
    assert len(read(with_candidates(*hits)).candidates) == 1000


def test_limits_are_settings() -> None:
    small = Contract(Limits(candidates=1, query_characters=3, text_kib=1, fields=1), 1.0)
    with pytest.raises(BadRequest, match="limit of 1"):
        read(with_candidates(candidate(1), candidate(2)), small)


def test_a_long_query_is_cut_and_told() -> None:
    asked = read(wire.RerankRequest(query=wire.Query(text="红" * 3000)))
    assert asked.query == "红" * 2048
    assert list(asked.skipped) == [Skip("request", "truncated_query")]


def test_long_texts_are_cut_and_told() -> None:
    long = {"title": wire.FieldValue(texts=["a" * 40_000, "é" * 20_000, "more"])}
    asked = read(with_candidates(candidate(1, fields=long), candidate(2)))
    texts = asked.candidates[0].fields["title"]
    assert texts[0] == "a" * 40_000
    assert len("".join(map(str, texts)).encode()) <= 64 * 1024
    assert texts[2] == ""
    assert list(asked.skipped) == [Skip("request", "truncated_text", 1)]


def test_many_texts_that_are_short_enough_stay_whole() -> None:
    half = {"title": wire.FieldValue(texts=["a" * 40_000]), "price": wire.FieldValue(numbers=[1])}
    asked = read(with_candidates(*(candidate(rank, fields=half) for rank in range(1, 5))))
    assert [hit.fields["title"] for hit in asked.candidates] == [["a" * 40_000]] * 4
    assert not asked.skipped


def test_candidates_come_in_the_order_of_their_ranks() -> None:
    asked = read(with_candidates(candidate(7), candidate(2), candidate(5)))
    assert [hit.rank for hit in asked.candidates] == [2, 5, 7]


def test_without_ranks_the_lists_order_counts() -> None:
    asked = read(with_candidates(candidate(0, id="a"), candidate(0, id="b")))
    assert [(hit.id, hit.rank) for hit in asked.candidates] == [("a", 1), ("b", 2)]


def test_the_earlier_of_two_deadlines() -> None:
    def left(budget_ms: int, time_left: float | None) -> float:
        return read(wire.RerankRequest(budget_ms=budget_ms), time_left=time_left).deadline.remaining()

    assert left(0, None) == pytest.approx(1.0, abs=0.1)
    assert left(300, None) == pytest.approx(0.3, abs=0.1)
    assert left(300, 10.0) == pytest.approx(0.3, abs=0.1)
    assert left(9000, 0.4) == pytest.approx(0.4, abs=0.1)
    assert left(0, 30.0) == pytest.approx(30.0, abs=0.1)


words = st.text(max_size=8)
finite = st.floats(allow_nan=False, allow_infinity=False)
parts = st.lists(st.builds(Contribution, words, words, st.floats(-5, 5)), max_size=2)
hits = st.lists(st.tuples(words, st.integers(1, 2**32 - 1), finite, parts), max_size=4)


def ranking_of(hits: list[Any], explained: bool, **more: Any) -> Ranking:
    return Ranking(
        candidates=[Candidate(id_, rank, 0.0) for id_, rank, _, _ in hits],
        scores=[score for _, _, score, _ in hits],
        contributions=[parts for _, _, _, parts in hits] if explained else (),
        touches=[[RuleTouch("r", "boost", "acted", id_)] for id_, _, _, _ in hits] if explained else (),
        **more,
    )


rankings = st.builds(
    ranking_of,
    hits,
    st.booleans(),
    stages=st.lists(
        st.builds(
            StageReport,
            words,
            st.floats(0, 10),
            st.integers(0, 1000),
            st.dictionaries(words, st.floats(-5, 5), max_size=2),
        ),
        max_size=2,
    ),
    skipped=st.lists(st.builds(Skip, words, words, st.integers(0, 9)), max_size=2),
    versions=st.dictionaries(words, words, max_size=2),
    query_id=words,
    reranked=st.booleans(),
    took=st.floats(0, 100),
    removed=st.lists(st.integers(1, 2**32 - 1), max_size=2),
    fetched=st.lists(st.builds(FetchedHit, words, words, st.integers(1, 1000), words), max_size=2),
    layout=st.none() | st.builds(Layout, words, st.lists(words, max_size=2)),
    check=st.none() | st.builds(HidingCheck, words, st.tuples(words), st.floats(0, 1e10)),
)


asked_in = {
    "rows": with_candidates(candidate()),
    "columns": with_columns(ids=["a"]),
    "columns, explained": wire.RerankRequest(columns=wire.CandidateColumns(ids=["a"]), explain=True),
}


@given(rankings, st.sampled_from(list(asked_in.values())))
def test_the_json_answer_is_the_message_in_protobufs_own_mapping(
    ranking: Ranking, request_: wire.RerankRequest
) -> None:
    expected = json_format.MessageToDict(
        Contract.answer_of(request_, ranking),
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
    assert Contract.json_of(request_, ranking) == expected


@pytest.mark.parametrize("way", asked_in)
def test_the_answer_comes_the_way_that_was_asked(way: str) -> None:
    ranking = Ranking(
        [Candidate("a", 1, 2.0)], [0.5], [[Contribution("s", "n", 0.5)]], [], [], {}, "", True, 0
    )
    answer = Contract.answer_of(asked_in[way], ranking)
    if way == "columns":
        assert (list(answer.ranked.ranks), list(answer.ranked.scores)) == ([1], [0.5])
        assert not answer.hits
    else:
        assert [(hit.id, hit.rank, hit.score) for hit in answer.hits] == [("a", 1, 0.5)]
        assert [part.value for part in answer.hits[0].contributions] == [0.5]
        assert not answer.HasField("ranked")


def test_an_answer_in_columns_says_so_even_where_all_is_removed() -> None:
    """A caller that finds neither hits nor columns believes that its own columns were not seen."""
    ranking = Ranking([], [], (), [], [], {}, "", True, 0, removed=[1])
    answer = Contract.answer_of(asked_in["columns"], ranking)
    assert answer.HasField("ranked")
    assert list(answer.removed) == [1]
    assert Contract.json_of(asked_in["columns"], ranking)["ranked"] == {"ranks": [], "scores": []}
