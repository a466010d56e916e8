"""Plugin and sidecar are upgraded in either order: callers and answers from before there were layout rules.

The messages as they were then are made from those of today, without what came since.
"""

from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import DESCRIPTOR as TIMESTAMP

from sidecar.config.sidecar import Limits
from sidecar.domain.candidate import Candidate
from sidecar.domain.ranking import FetchedHit, Layout, Ranking, RuleTouch
from sidecar.domain.search import LayoutWish
from sidecar.server.conversion import Contract
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire

CONTRACT = Contract(Limits(), 1.0)
NEW_MESSAGES = {"LayoutWish", "FetchedHit", "Layout", "RuleTouch", "FieldFilter"}
NEW_FIELDS = {
    "RerankRequest": {"layout"},
    "Query": {"filters"},
    "Shopper": {"segments"},
    "Context": {"experiments"},
    "RerankResponse": {"removed", "fetch", "layout", "check"},
    "RankedHit": {"rules"},
}


@pytest.fixture(scope="module")
def before() -> DescriptorPool:
    """The contract as it was, by descriptors."""
    file = FileDescriptorProto()
    wire.DESCRIPTOR.CopyToProto(file)
    messages = [message for message in file.message_type if message.name not in NEW_MESSAGES]
    for message in messages:
        new = NEW_FIELDS.get(message.name, set())
        kept = [field for field in message.field if field.name not in new]
        assert len(kept) == len(message.field) - len(new)
        del message.field[:]
        message.field.extend(kept)
        entries = [entry for entry in message.nested_type if entry.name != "ExperimentsEntry"]
        del message.nested_type[:]
        message.nested_type.extend(entries)
    del file.message_type[:]
    file.message_type.extend(messages)
    pool = DescriptorPool()
    pool.AddSerializedFile(TIMESTAMP.serialized_pb)
    pool.Add(file)
    return pool


def message(pool: DescriptorPool, name: str) -> Any:
    return GetMessageClass(pool.FindMessageTypeByName(f"reshelf.v1.{name}"))


def asked(pool: DescriptorPool, **more: Any) -> wire.RerankRequest:
    """What a plugin from before sends, as this sidecar reads it."""
    sent = message(pool, "RerankRequest")(
        query={"text": "red shoes"},
        columns={"ids": ["a", "b"], "scores": [2, 1]},
        shopper={"client_id": "c"},
        context={"locale": "en"},
        **more,
    )
    return wire.RerankRequest.FromString(sent.SerializeToString())


def test_an_old_plugin_wishes_for_nothing(before: DescriptorPool) -> None:
    request = asked(before)
    search = CONTRACT.search_of(request, size=request.ByteSize())
    assert search.layout == LayoutWish()
    assert search.shopper.segments == ()
    assert not search.context.experiments
    assert [candidate.id for candidate in search.candidates] == ["a", "b"]


@pytest.mark.parametrize("explain", [False, True])
def test_an_old_plugin_reads_its_order(before: DescriptorPool, explain: bool) -> None:
    """It obeys the order, which holds every candidate; what it does not know it does not see."""
    ranking = Ranking(
        candidates=[Candidate("b", 2, 1.0), Candidate("a", 1, 2.0)],
        scores=[2.0, 1.0],
        contributions=(),
        stages=(),
        skipped=(),
        versions={"sidecar": "1"},
        query_id="q",
        reranked=True,
        took=0.001,
        layout=Layout('{"a": 1}', ["{}", "{}"]),
        touches=[[RuleTouch("r", "boost", "acted")], []],
    )
    sent = CONTRACT.answer_of(asked(before, explain=explain), ranking)
    read = message(before, "RerankResponse").FromString(sent.SerializeToString())
    ranks = [hit.rank for hit in read.hits] if explain else list(read.ranked.ranks)
    assert ranks == [2, 1]
    assert (read.query_id, read.reranked, dict(read.versions)) == ("q", True, {"sidecar": "1"})


def test_an_old_sidecar_reads_a_new_plugins_request(before: DescriptorPool) -> None:
    sent = wire.RerankRequest(
        query=wire.Query(text="red shoes", filters=[wire.FieldFilter(field="a", values=["b"])]),
        columns=wire.CandidateColumns(ids=["a"]),
        shopper=wire.Shopper(client_id="c", segments=["vip"]),
        context=wire.Context(locale="en", experiments={"grid": "b"}),
        layout=wire.LayoutWish(removes=True, fetches=True),
    )
    read = message(before, "RerankRequest").FromString(sent.SerializeToString())
    assert (read.query.text, list(read.columns.ids)) == ("red shoes", ["a"])
    assert (read.shopper.client_id, read.context.locale) == ("c", "en")


def test_an_old_sidecars_answer_takes_nothing_out(before: DescriptorPool) -> None:
    sent = message(before, "RerankResponse")(ranked={"ranks": [2, 1], "scores": [2, 1]}, reranked=True)
    read = wire.RerankResponse.FromString(sent.SerializeToString())
    assert list(read.ranked.ranks) == [2, 1]
    assert not read.removed
    assert not read.fetch
    assert not read.HasField("layout")


def test_a_new_answer_says_it_all() -> None:
    ranking = Ranking(
        candidates=[Candidate("b", 2, 1.0)],
        scores=[1.0],
        contributions=(),
        stages=(),
        skipped=(),
        versions={},
        query_id="",
        reranked=True,
        took=0,
        removed=[1],
        fetched=[FetchedHit("x", "shop", 1, "pin-x")],
        layout=Layout('{"a": 1}', ['{"name": "b"}']),
    )
    request = wire.RerankRequest(columns=wire.CandidateColumns(ids=["a", "b"]))
    answer = wire.RerankResponse.FromString(CONTRACT.answer_of(request, ranking).SerializeToString())
    assert list(answer.removed) == [1]
    (document,) = answer.fetch
    assert (document.id, document.index, document.place, document.rule) == ("x", "shop", 1, "pin-x")
    assert (answer.layout.page, list(answer.layout.items)) == ('{"a": 1}', ['{"name": "b"}'])
