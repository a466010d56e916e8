"""Follows the events that the shop itself writes to OpenSearch, so that a shop with UBI changes nothing."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from opensearchpy import OpenSearch
from opensearchpy.exceptions import AuthenticationException, AuthorizationException, ConnectionTimeout
from opensearchpy.exceptions import ConnectionError as UnreachableError

from sidecar.config.events import Follow
from sidecar.feedback.intake import Intake, Pace, Refused
from sidecar.feedback.journal import JournalFull, JournalUnavailable
from sidecar.feedback.told import Told, Wrong
from sidecar.feedback.ubi import read_event
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.follow_lease import NOBODY, Claim, Lease, LeaseDocument
from sidecar.opensearch.follow_source import Shard, UbiSource

SOURCE = "follower"
LONGEST_BACKOFF = 30.0
RENEWALS = 3
"""While a lease would last."""

RELEASE_SECONDS = 2.0

Found = TypeVar("Found")
log = logging.getLogger(__name__)


class UbiFollower:
    """Reads new events into the intake while it holds the lease. `run` as a task.

    Of several sidecars one follows; when it is gone another takes over where it stood, after `lease_ms` in
    which nobody changed the lease. Clocks need not agree.
    """

    def __init__(self, settings: Follow, client: OpenSearch, intake: Intake) -> None:
        self._settings = settings
        self._intake = intake
        self._metrics = intake.metrics
        self._source = UbiSource(client, settings.events, settings.queries)
        self._document = LeaseDocument(client, settings.lease_index, settings.events)
        self._seen: tuple[tuple[int, int] | None, float] = (None, 0.0)
        self._written = 0.0
        self._visible: dict[str, int] = {}
        self._failures = 0

    @property
    def _me(self) -> int:
        return self._intake.journal.writer

    async def run(self) -> None:
        """Follows for ever. What goes wrong is counted, logged once, and tried again with growing pauses."""
        try:
            while True:
                try:
                    busy = await self._round()
                    self._mended()
                    pause = 0.0 if busy else self._settings.poll_ms / 1000
                except JournalFull as full:
                    self._metrics.follower_failures.labels("no_room").inc()
                    pause = full.retry_after
                except Exception as error:  # noqa: BLE001 - searches go on whatever the cluster answers
                    pause = self._failed(error)
                await asyncio.sleep(pause)
        except asyncio.CancelledError:
            await asyncio.wait({asyncio.create_task(self._release())}, timeout=RELEASE_SECONDS)
            raise

    async def _round(self) -> bool:
        """One look at what is new; whether there may be more at once."""
        lease = await self._call(self._document.read)
        lease = await self._keep_own(lease)
        if lease.holder != self._me and not self._may_take(lease):
            self._metrics.follower_leads.set(0)
            return False
        shards = await self._call(self._source.shards)
        self._metrics.follower_reached.set(time.time())
        claims = self._claims(lease, shards)
        due = self._written + self._settings.lease_ms / 1000 / RENEWALS
        if not claims and lease.holder == self._me and time.monotonic() < due:
            return False
        written = await self._write(lease.taken(self._me, claims))
        if written is None:
            return False
        self._metrics.follower_leads.set(1)
        await self._make_visible(claims, shards)
        for claim in claims:
            await self._keep(claim)
        return bool(claims)

    async def _keep_own(self, lease: Lease) -> Lease:
        """The lease without what this journal has; what it claimed before it was killed is fetched now."""
        mine = lease.claimed_by(self._me)
        if not mine:
            return lease
        unkept = [claim for claim in mine if not self._has(claim)]
        if unkept:
            await self._call(self._source.refresh, sorted({claim.index for claim in unkept}))
        for claim in unkept:
            await self._keep(claim)
        lease = lease.without(set(mine))
        if lease.holder == self._me:
            return lease
        # Somebody else follows: say now what is done. If that is late they have changed it; the next time.
        return await self._write(lease) or lease

    def _has(self, claim: Claim) -> bool:
        position = self._intake.journal.position(claim.place)
        return position is not None and position >= claim.to

    def _may_take(self, lease: Lease) -> bool:
        """Whether nobody holds the lease, or its holder has not shown itself for the time of a lease."""
        if lease.holder == NOBODY:
            return True
        version, since = self._seen
        now = time.monotonic()
        if lease.version != version:
            self._seen = (lease.version, now)
            return False
        return now - since > self._settings.lease_ms / 1000

    def _claims(self, lease: Lease, shards: Sequence[Shard]) -> list[Claim]:
        """The next page of every shard that has news."""
        claims, behind = [], 0
        page = min(self._settings.page, self._intake.settings.journal.events)
        for shard in shards:
            claim = Claim(self._me, shard.index, shard.uuid, shard.number, -1, -1)
            after = self._after(lease, claim.place)
            to = min(shard.checkpoint, after + page)
            behind += max(0, shard.checkpoint - after)
            if to > after:
                claims.append(Claim(self._me, shard.index, shard.uuid, shard.number, after, to))
        self._metrics.follower_behind.set(behind)
        return claims

    def _after(self, lease: Lease, place: str) -> int:
        """Up to where a shard was read; the journal knows what it has, even if the lease was lost."""
        mine = self._intake.journal.position(place)
        return max(lease.positions.get(place, -1), -1 if mine is None else mine)

    async def _make_visible(self, claims: Sequence[Claim], shards: Sequence[Shard]) -> None:
        """A refresh, unless the claimed operations were below the checkpoint at an earlier one."""
        wanted = {claim.index for claim in claims if claim.to > self._visible.get(claim.place, -1)}
        if not wanted:
            return
        await self._call(self._source.refresh, sorted(wanted))
        self._visible = {
            f"{shard.uuid}/{shard.number}": (
                shard.checkpoint
                if shard.index in wanted
                else self._visible.get(f"{shard.uuid}/{shard.number}", -1)
            )
            for shard in shards
        }

    async def _keep(self, claim: Claim) -> None:
        """Reads a claim into the journal, with the position in the same transaction."""
        documents = await self._call(self._source.read, claim)
        if documents is None:
            self._metrics.follower_failures.labels("index_gone").inc()
            documents = []
        told = await self._told(documents)
        await self._name_clients(told)
        await self._intake.take(told, SOURCE, positions={claim.place: claim.to})

    async def _told(self, documents: Sequence[dict[str, Any]]) -> list[Told | Refused]:
        told: list[Told | Refused] = []
        pace, field = Pace(), self._intake.settings.object_field
        for index, document in enumerate(documents):
            await pace.breathe()
            try:
                told.append(read_event(document, field))
            except Wrong as wrong:
                told.append(Refused(index, wrong.field, wrong.reason))
        return told

    async def _name_clients(self, told: Sequence[Told | Refused]) -> None:
        """Events that do not say whose they are get the client of their search."""
        nameless = [
            one
            for one in told
            if isinstance(one, Told) and one.query_id and not one.client_id and not one.user_id
        ]
        if not nameless:
            return
        clients = await self._call(self._source.clients_of, sorted({one.query_id for one in nameless}))
        for one in nameless:
            one.client_id = clients.get(one.query_id, "")

    async def _write(self, lease: Lease) -> Lease | None:
        written = await self._call(self._document.write, lease)
        if written is not None:
            self._written = time.monotonic()
        return written

    async def _release(self) -> None:
        """Lets another sidecar take over at once."""
        try:
            lease = await self._call(self._document.read)
            if lease.holder == self._me:
                kept = {claim for claim in lease.claimed_by(self._me) if self._has(claim)}
                await self._call(self._document.write, lease.without(kept).taken(NOBODY, []))
        except ClusterError as error:
            log.warning("the follower's lease was not given back: %s", error)

    async def _call(self, function: Callable[..., Found], *arguments: Any) -> Found:
        """The cluster's client blocks: it runs in a thread."""
        return await asyncio.to_thread(function, *arguments)

    def _failed(self, error: Exception) -> float:
        """Counts and tells; answers how long to wait."""
        self._metrics.follower_leads.set(0)
        self._metrics.follower_failures.labels(_reason(error)).inc()
        if not self._failures:
            known = isinstance(error, ClusterError | JournalUnavailable)
            told = error if known else type(error).__name__
            log.warning(
                "the shop's events cannot be followed, trying again: %s",
                told,
                exc_info=None if known else error,
            )
        self._failures += 1
        return float(min(LONGEST_BACKOFF, self._settings.poll_ms / 1000 * 2 ** min(self._failures, 10)))

    def _mended(self) -> None:
        if self._failures:
            log.info("the shop's events are followed again")
        self._failures = 0


def _reason(error: Exception) -> str:
    cause = error.__cause__
    if isinstance(error, JournalUnavailable):
        return "journal_unavailable"
    if isinstance(cause, ConnectionTimeout):
        return "timeout"
    if isinstance(cause, UnreachableError):
        return "unreachable"
    if isinstance(cause, AuthenticationException | AuthorizationException):
        return "unauthorized"
    return "refused"
