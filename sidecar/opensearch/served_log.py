"""The served log in OpenSearch: an index a day, so that what is old goes at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from opensearchpy import OpenSearch

from sidecar.config.served import ServedOpenSearch
from sidecar.opensearch.connection import connect, explained
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.served_bulk import bulk, put_templates
from sidecar.opensearch.served_documents import (
    JOIN,
    day_in,
    day_of,
    list_document,
    list_of,
    outcome_document,
    outcome_of,
)
from sidecar.served.codec import UnreadableList
from sidecar.served.log import SECONDS_A_DAY, Outcome, ServedLogUnavailable, ServedRow
from sidecar.served.packed import PackedList, joined

Result = TypeVar("Result")

PAGE_ROWS = 200
CONFLICTS_RETRIED = 5
NAMED = "in the settings as `served.opensearch.url`, or with RESHELF_SERVED__OPENSEARCH__URL"
ABSENT = {"ignore_unavailable": "true", "allow_no_indices": "true"}


class OpenSearchServedLog:
    """Lists and outcomes in indices by day (UTC), forgotten shoppers in one more.

    Templates are put before the first write. `get` reads by id, which OpenSearch answers in real time, from
    today's and yesterday's index, and searches the older ones.
    """

    def __init__(self, settings: ServedOpenSearch, clock: Callable[[], float] = time.time) -> None:
        """Opens no connection yet. Raises ClusterError for a URL that is none."""
        self._settings = settings
        self._clock = clock
        self._client: OpenSearch = connect(
            # Whoever writes tries again by himself, and at the end of the process nobody waits for tries.
            settings.url,
            timeout=settings.timeout_ms / 1000,
            retries=0,
        )
        self._lists = f"{settings.index}-lists-"
        self._outcome_index = f"{settings.index}-outcomes-"
        self._forgotten_index = f"{settings.index}-forgotten"
        self._prepared = False

    async def add(self, lists: Sequence[PackedList]) -> None:
        await self._run("writing served lists", lambda: self._add(lists))

    async def get(self, queries: Sequence[bytes]) -> list[PackedList | None]:
        return await self._run("reading served lists", lambda: self._get(queries))

    async def add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        await self._run("writing outcomes", lambda: self._add_outcomes(outcomes))

    async def outcomes(self, queries: Sequence[bytes]) -> list[list[Outcome]]:
        return await self._run("reading outcomes", lambda: self._outcomes(queries))

    async def rows(self, since: float, until: float) -> AsyncIterator[ServedRow]:
        after: list[Any] | None = None
        while True:
            page, after = await self._run(
                "reading served lists",
                lambda after=after: self._page(since, until, after),  # type: ignore[misc]
            )
            if not page:
                return
            outcomes = await self.outcomes([packed.query for packed in page])
            for packed, found in zip(page, outcomes, strict=True):
                try:
                    yield ServedRow(packed.opened(), found)
                except UnreadableList:
                    continue

    async def count(self, since: float, until: float) -> int:
        def work() -> int:
            self._client.indices.refresh(index=f"{self._lists}*", params=ABSENT)
            body = {"query": {"range": {"time": {"gte": since, "lt": until}}}}
            return int(self._client.count(index=f"{self._lists}*", body=body, params=ABSENT)["count"])

        return await self._run("counting served lists", work)

    async def forget(self, shoppers: Sequence[bytes], now: float) -> int:
        wanted = [shopper.hex() for shopper in shoppers if shopper]
        return await self._run("forgetting a shopper", lambda: self._forget(wanted, now)) if wanted else 0

    async def expire(self, before: float) -> int:
        return await self._run("removing old served lists", lambda: self._expire(before))

    async def close(self) -> None:
        await asyncio.to_thread(self._client.close)

    async def _run(self, doing: str, work: Callable[[], Result]) -> Result:
        def explained_work() -> Result:
            with explained(doing, NAMED):
                return work()

        try:
            return await asyncio.to_thread(explained_work)
        except ClusterError as error:
            raise ServedLogUnavailable(str(error)) from error

    def _prepare(self) -> None:
        """Templates for the indices of days to come, once."""
        if not self._prepared:
            patterns = {
                "lists": f"{self._lists}*",
                "outcomes": f"{self._outcome_index}*",
                "forgotten": self._forgotten_index,
            }
            put_templates(self._client, self._settings, patterns)
            self._prepared = True

    def _add(self, lists: Sequence[PackedList]) -> None:
        self._prepare()
        forgotten = self._forgotten({one.shopper for one in lists})
        actions: list[Any] = []
        for packed in lists:
            if packed.time <= forgotten.get(packed.shopper, float("-inf")):
                continue
            target = {"_index": self._lists + day_of(packed.time), "_id": packed.query.hex()}
            actions.append({"update": {**target, "retry_on_conflict": CONFLICTS_RETRIED}})
            script = {"lang": "painless", "source": JOIN, "params": {"doc": list_document(packed)}}
            actions.append({"scripted_upsert": True, "upsert": {}, "script": script})
        bulk(self._client, actions)

    def _add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        self._prepare()
        forgotten = self._forgotten({key for one in outcomes for key in (one.client, one.user)})
        actions: list[Any] = []
        for one in outcomes:
            if one.time <= max(forgotten.get(key, float("-inf")) for key in (one.client, one.user)):
                continue
            identity = f"{one.query.hex()}-{one.digest.hex()}"
            actions.append({"create": {"_index": self._outcome_index + day_of(one.time), "_id": identity}})
            actions.append(outcome_document(one))
        bulk(self._client, actions)

    def _get(self, queries: Sequence[bytes]) -> list[PackedList | None]:
        now = self._clock()
        days = [day_of(now), day_of(now - SECONDS_A_DAY)]
        docs = [{"_index": self._lists + day, "_id": query.hex()} for query in queries for day in days]
        found: dict[str, PackedList] = {}
        for doc in self._client.mget(body={"docs": docs})["docs"] if docs else ():
            if doc.get("found"):
                self._take(doc["_source"], found)
        older = [query.hex() for query in queries if query.hex() not in found]
        if older:
            body = {"query": {"ids": {"values": older}}, "size": 2 * len(older)}
            answer = self._client.search(index=f"{self._lists}*", body=body, params=ABSENT)
            for hit in answer["hits"]["hits"]:
                self._take(hit["_source"], found)
        return [found.get(query.hex()) for query in queries]

    def _take(self, source: dict[str, Any], found: dict[str, PackedList]) -> None:
        """Keeps a list; a query that was served around midnight has one in each index."""
        packed = list_of(source)
        before = found.get(source["query"])
        older, newer = (packed, before) if before and before.time > packed.time else (before, packed)
        found[source["query"]] = joined(older, newer)

    def _outcomes(self, queries: Sequence[bytes]) -> list[list[Outcome]]:
        found: dict[bytes, list[Outcome]] = {}
        self._client.indices.refresh(index=f"{self._outcome_index}*", params=ABSENT)
        after: list[Any] | None = None
        terms = {"terms": {"query": [query.hex() for query in queries]}}
        while True:
            body: dict[str, Any] = {"query": terms, "size": 1000, "sort": ["time", "digest"]}
            if after is not None:
                body["search_after"] = after
            hits = self._client.search(index=f"{self._outcome_index}*", body=body, params=ABSENT)["hits"][
                "hits"
            ]
            if not hits:
                return [found.get(query, []) for query in queries]
            for hit in hits:
                outcome = outcome_of(hit["_source"])
                found.setdefault(outcome.query, []).append(outcome)
            after = hits[-1]["sort"]

    def _page(
        self, since: float, until: float, after: list[Any] | None
    ) -> tuple[list[PackedList], list[Any] | None]:
        if after is None:
            self._client.indices.refresh(index=f"{self._lists}*", params=ABSENT)
        body: dict[str, Any] = {
            "query": {"range": {"time": {"gte": since, "lt": until}}},
            "sort": ["time", "query"],
            "size": PAGE_ROWS,
            **({"search_after": after} if after is not None else {}),
        }
        hits = self._client.search(index=f"{self._lists}*", body=body, params=ABSENT)["hits"]["hits"]
        return [list_of(hit["_source"]) for hit in hits], hits[-1]["sort"] if hits else None

    def _forgotten(self, shoppers: set[bytes]) -> dict[bytes, float]:
        wanted = [shopper for shopper in shoppers if shopper]
        if not wanted:
            return {}
        docs = [{"_index": self._forgotten_index, "_id": shopper.hex()} for shopper in wanted]
        answer = self._client.mget(body={"docs": docs})["docs"]
        return {bytes.fromhex(doc["_id"]): doc["_source"]["time"] for doc in answer if doc.get("found")}

    def _forget(self, shoppers: list[str], now: float) -> int:
        self._prepare()
        for shopper in shoppers:
            self._client.index(index=self._forgotten_index, id=shopper, body={"time": now})
        self._client.indices.refresh(index=f"{self._settings.index}-*", params=ABSENT)
        terms = [{"terms": {name: shoppers}} for name in ("shopper", "client", "user")]
        answer = self._client.delete_by_query(
            index=f"{self._lists}*,{self._outcome_index}*",
            body={"query": {"bool": {"should": terms}}},
            params={**ABSENT, "conflicts": "proceed", "refresh": "true"},
        )
        return int(answer["deleted"])

    def _expire(self, before: float) -> int:
        last = datetime.fromtimestamp(before, UTC).date() - timedelta(days=1)
        removed = 0
        for name in self._client.indices.get_alias(index=f"{self._settings.index}-*", params=ABSENT):
            day = day_in(name)
            if day is None or day > last or not name.startswith((self._lists, self._outcome_index)):
                continue
            if name.startswith(self._lists):
                self._client.indices.refresh(index=name, params=ABSENT)
                removed += int(self._client.count(index=name, params=ABSENT)["count"])
            self._client.indices.delete(index=name, params={"ignore_unavailable": "true"})
        return removed
