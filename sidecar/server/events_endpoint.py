"""Takes events in: what the gRPC and the HTTP edge share."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from google.protobuf.message import DecodeError

from sidecar.feedback.documents import documents
from sidecar.feedback.intake import Intake, Pace, Receipt, Refused
from sidecar.feedback.journal import JournalFull, JournalUnavailable
from sidecar.feedback.told import Told, Wrong
from sidecar.feedback.ubi import read_event
from sidecar.server.errors import (
    BadRequest,
    EdgeError,
    EventsFailed,
    EventsUnavailable,
    NoRoom,
    TooLarge,
    code_of,
)
from sidecar.server.events_conversion import told_of
from sidecar.wire.reshelf.v1 import events_pb2 as wire

MIB = 1024 * 1024
READ_AT_ONCE = 4
"""Times the greatest body: so much may be being read at one time."""

log = logging.getLogger(__name__)


class EventsEndpoint:
    """Raises EdgeError for the caller; logs everything else. For one event loop."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._settings = intake.settings
        self._metrics = intake.metrics
        self._reading = 0
        self.max_body = self._settings.max_body_mib * MIB

    async def take_json(self, body: bytes, *, peer: str = "", marked: bool = False) -> Receipt:
        """What became of UBI's JSON: one event, an array, or NDJSON.

        `peer` is the caller's address; `marked`: the caller says that it is the shop's own people.
        """
        with self._answering("http", len(body)):
            told = [one async for one in self._read(body)]
            if not told:
                raise BadRequest("body", "holds no event; send one, an array of them, or one a line")
            if all(isinstance(one, Refused) and not one.field for one in told):
                first = told[0]
                raise BadRequest("body", first.reason if isinstance(first, Refused) else "")
            return await self._intake.take(told, "http", internal=self._is_internal(peer, marked))

    async def take_message(self, sent: bytes, *, peer: str = "", marked: bool = False) -> Receipt:
        """What became of the events of a SendEventsRequest."""
        with self._answering("grpc", len(sent)):
            request = _message(sent)
            self._check_count(len(request.events))
            told: list[Told | Refused] = []
            pace = Pace()
            for index, message in enumerate(request.events):
                await pace.breathe()
                try:
                    told.append(told_of(message, self._settings.object_field))
                except Wrong as wrong:
                    told.append(Refused(index, wrong.field, wrong.reason))
            return await self._intake.take(told, "grpc", internal=self._is_internal(peer, marked))

    async def _read(self, body: bytes) -> AsyncIterator[Told | Refused]:
        # A broken character concerns its own event only; its text is refused where it is looked at.
        text = body.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        pace, longest = Pace(), self._settings.max_event_kib * 1024
        for index, (document, size) in enumerate(documents(text)):
            await pace.breathe()
            self._check_count(index + 1)
            try:
                if isinstance(document, Wrong):
                    raise document
                if size > longest:
                    raise Wrong("event_attributes", f"the event has more than {longest // 1024} KiB")
                yield read_event(document, self._settings.object_field)
            except Wrong as wrong:
                yield Refused(index, wrong.field, wrong.reason)

    def _check_count(self, count: int) -> None:
        # More than the journal holds would find no room, however long the sender waits.
        most = min(self._settings.max_events, self._settings.journal.events)
        if count > most:
            raise TooLarge("events", f"more than {most} in one request; nothing was taken")

    def _is_internal(self, peer: str, marked: bool) -> bool:
        return marked or self._intake.filter.is_internal(peer)

    @contextmanager
    def _answering(self, edge: str, size: int) -> Iterator[None]:
        """Turns what goes wrong into EdgeErrors, and counts."""
        arrived, outcome = time.perf_counter(), "ok"
        try:
            if self._reading and self._reading + size > READ_AT_ONCE * self.max_body:
                raise NoRoom("too many events are being read already; try again in 1 s", 1.0)
            self._reading += size
            try:
                yield
            finally:
                self._reading -= size
            self._metrics.acknowledged.labels(edge).observe(time.perf_counter() - arrived)
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        except EdgeError as error:
            outcome = code_of(error).outcome
            raise
        except Exception as error:
            told = _told(error)
            outcome = code_of(told).outcome
            raise told from error
        finally:
            self._metrics.requests.labels(edge, outcome).inc()


def _message(sent: bytes) -> wire.SendEventsRequest:
    try:
        return wire.SendEventsRequest.FromString(sent)
    except DecodeError as error:
        raise BadRequest(
            "request", "the bytes are no SendEventsRequest, or hold text that is not UTF-8"
        ) from error


def _told(error: Exception) -> EdgeError:
    """What the caller may know."""
    if isinstance(error, JournalFull):
        return NoRoom(str(error), error.retry_after)
    if isinstance(error, JournalUnavailable):
        log.error("events cannot be kept: %s", error)
        return EventsUnavailable("events cannot be kept at the moment; the sidecar's log says why")
    log.error("events could not be taken", exc_info=error)
    return EventsFailed("The events could not be taken; the sidecar's log says why.")
