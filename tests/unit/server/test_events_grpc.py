"""The service reshelf.v1.Events."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sidecar.config.sidecar import Grpc
from sidecar.feedback.ubi import read_event
from sidecar.server.errors import BadRequest
from sidecar.server.events_conversion import told_of
from sidecar.server.events_endpoint import EventsEndpoint
from sidecar.server.events_grpc import _address
from sidecar.server.grpc_edge import GrpcEdge
from sidecar.wire.reshelf.v1 import events_pb2 as wire
from sidecar.wire.reshelf.v1.events_pb2_grpc import EventsStub
from tests.fixtures.events import WayIn, ubi, way_in


def message(number: int, **more: Any) -> wire.UbiEvent:
    """The same event as tests.fixtures.events.ubi gives."""
    told = ubi(number)
    event = wire.UbiEvent(
        **{
            name: told[name] for name in ("application", "action_name", "client_id", "session_id", "query_id")
        },
        event_attributes=wire.UbiEventAttributes(
            object=wire.UbiObject(object_id=told["event_attributes"]["object"]["object_id"]),
            position=wire.UbiPosition(ordinal=told["event_attributes"]["position"]["ordinal"]),
        ),
    )
    event.timestamp.FromMilliseconds(told["timestamp"])
    for name, value in more.items():
        setattr(event, name, value)
    return event


@asynccontextmanager
async def stub(where: WayIn) -> AsyncIterator[EventsStub]:
    edge = GrpcEdge(Grpc(port=0), None, [where.edges.service])  # type: ignore[arg-type]
    await edge.start()
    try:
        async with grpc.aio.insecure_channel(edge.address) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            asked = health_pb2.HealthCheckRequest(service="reshelf.v1.Events")
            assert (await health.Check(asked)).status == health_pb2.HealthCheckResponse.SERVING
            yield EventsStub(channel)
    finally:
        await edge.stop(0)


async def test_events(tmp_path: Path) -> None:
    wrong = message(3)
    wrong.event_attributes.position.ordinal = -1
    absurd = message(4)
    absurd.event_attributes.dwell_time = float("nan")
    sent = [message(1), message(1), message(2, consent=False), wrong, absurd, message(5, consent=True)]
    async with way_in(tmp_path) as where, stub(where) as client:
        answer = await client.Send(wire.SendEventsRequest(events=sent))
        assert (answer.accepted, answer.repeated, dict(answer.ignored)) == (2, 1, {"no_consent": 1})
        assert [(one.index, one.field) for one in answer.refused] == [
            (3, "event_attributes.position.ordinal"),
            (4, "event_attributes.dwell_time"),
        ]
        assert [event.object_id for _, event in await where.journal.read(0, 9)] == ["item-1", "item-5"]


async def test_both_roads_make_the_same_event(tmp_path: Path) -> None:
    event = message(7)
    event.timestamp.FromMilliseconds(1_700_000_000_123)
    document = ubi(7, timestamp=1_700_000_000_123)
    assert told_of(event, "object_id") == read_event(document)


async def test_nothing_set_is_nothing_told(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where, stub(where) as client:
        answer = await client.Send(wire.SendEventsRequest(events=[wire.UbiEvent()]))
        assert [one.field for one in answer.refused] == ["action_name"]
        assert (await client.Send(wire.SendEventsRequest())).accepted == 0


async def test_no_room(tmp_path: Path) -> None:
    async with way_in(tmp_path, journal={"events": 100}) as where, stub(where) as client:

        async def send(first: int, end: int) -> wire.SendEventsResponse:
            events = [message(number) for number in range(first, end)]
            return await client.Send(wire.SendEventsRequest(events=events))

        assert (await send(0, 50)).accepted == 50
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await send(50, 110)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert ("grpc-retry-pushback-ms", "5000") in [
            tuple(pair) for pair in refused.value.trailing_metadata()
        ]
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await send(0, 101)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert where.journal.last == 50


async def test_bytes_that_are_no_message(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where:
        with pytest.raises(BadRequest, match="no SendEventsRequest"):
            await EventsEndpoint(where.intake).take_message(b"\x0a\xff\xff")


async def test_the_shops_own_people(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where, stub(where) as client:
        request = wire.SendEventsRequest(events=[message(1)])
        answer = await client.Send(request, metadata=(("x-reshelf-internal", "yes"),))
        assert dict(answer.ignored) == {"internal": 1}
    async with (
        way_in(tmp_path, ignored={"networks": ["127.0.0.0/8", "::1/128"]}) as where,
        stub(where) as client,
    ):
        assert dict((await client.Send(request)).ignored) == {"internal": 1}


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:127.0.0.1:5000", "127.0.0.1"),
        ("ipv6:%5B::1%5D:5000", "::1"),
        ("ipv6:[::1]:5000", "::1"),
        ("unix:/tmp/socket", ""),
        ("", ""),
    ],
)
def test_addresses_of_callers(peer: str, address: str) -> None:
    assert _address(peer) == address
