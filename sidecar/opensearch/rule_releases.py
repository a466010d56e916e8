"""Published rules in an OpenSearch index, a document for each version.

A document is made under its number and only if there is none, so that of two publishers one wins. It is
found by its number at once, without a refresh: that is what sidecars ask for.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConflictError, NotFoundError, RequestError

from sidecar.config.rules import RulesOpenSearch
from sidecar.opensearch.connection import connect, explained
from sidecar.opensearch.errors import ClusterError
from sidecar.rules.release import Kept, Release, read_release, released
from sidecar.rules.release_store import PublishConflict, ReleasesUnavailable

AT_ONCE = 20
NUMBER = re.compile(r"[1-9]\d{0,8}")
NAMED = "in the settings as `rules.opensearch.url`, or with RESHELF_RULES__OPENSEARCH__URL"


class OpenSearchReleases:
    """Versions in one small hidden index, which the first `publish` makes."""

    def __init__(self, settings: RulesOpenSearch, clock: Callable[[], float] = time.time) -> None:
        """Opens no connection yet. Raises ClusterError for a URL that is none."""
        self._index = settings.index
        self._replicas = settings.replicas
        self._clock = clock
        self._client: OpenSearch = connect(settings.url, timeout=settings.timeout_ms / 1000, retries=0)

    def latest(self) -> Kept | None:
        with self._explained("looking for published rules"):
            return self._after(self._newest_found())

    def get(self, number: int) -> Kept | None:
        with self._explained("reading published rules"):
            return self._read([number])[0] if number > 0 else None

    def history(self, limit: int) -> Sequence[Kept]:
        with self._explained("reading the history of rules"):
            newest = self._after(self._newest_found())
            if newest is None:
                return []
            numbers = list(range(newest.number, max(0, newest.number - limit), -1))
            found: list[Kept | None] = [newest]
            for begin in range(1, len(numbers), AT_ONCE):
                found += self._read(numbers[begin : begin + AT_ONCE])
            return [release for release in found if release is not None]

    def newer_than(self, number: int) -> Kept | None:
        with self._explained("looking for newer rules"):
            if not self._client.exists(index=self._index, id=str(number + 1), params={"realtime": "true"}):
                return None
            return self._after(number + 1)

    def publish(
        self, rules: str, *, who: str, why: str, expected: int, rolled_back_to: int | None = None
    ) -> Release:
        with self._explained("publishing rules"):
            parent, next_one = (
                self._read([expected, expected + 1]) if expected else (None, self._read([1])[0])
            )
            # Number 1 may have been pruned: only a look at all tells that nothing was published.
            if next_one is not None or (parent is None and (expected or self._newest_found())):
                newest = self._after(self._newest_found())
                raise _conflict(newest, expected + 1)
            release = released(
                parent, rules, who=who, why=why, when=self._clock(), rolled_back_to=rolled_back_to
            )
            self._make_index()
            try:
                self._client.index(
                    index=self._index,
                    id=str(release.number),
                    body=release.to_document(),
                    params={"op_type": "create"},
                )
            except ConflictError:
                (winner,) = self._read([release.number])
                if winner != release:
                    raise _conflict(winner, release.number) from None
            return release

    def prune(self, first: int) -> int:
        with self._explained("pruning published rules"):
            gone: list[int] = []
            end = min(first, self._newest_found())
            while end > 1:
                begin = max(1, end - AT_ONCE)
                there = self._numbers_there(range(begin, end))
                if not there:
                    break
                gone += there
                end = begin
            # Oldest first: a row that was pruned in part is still without gaps.
            for begin in range(0, len(gone), AT_ONCE):
                some = sorted(gone)[begin : begin + AT_ONCE]
                lines = [{"delete": {"_index": self._index, "_id": str(number)}} for number in some]
                if self._client.bulk(body=lines)["errors"]:
                    raise ClusterError(
                        f"`{self._index}`: versions cannot be deleted. Give publishers the right to delete "
                        "there."
                    )
            return len(gone)

    def close(self) -> None:
        self._client.close()

    def _newest_found(self) -> int:
        """The highest number that a search finds; 0 for none."""
        params = {"ignore_unavailable": "true", "allow_no_indices": "true"}
        self._client.indices.refresh(index=self._index, params=params)
        body = {
            "size": AT_ONCE,
            "_source": False,
            "query": {"exists": {"field": "number"}},
            "sort": [{"number": {"order": "desc", "unmapped_type": "integer"}}],
        }
        hits = self._client.search(index=self._index, body=body, params=params)["hits"]["hits"]
        # By the name that it is kept under: what it says of itself may be wrong.
        return max((int(hit["_id"]) for hit in hits if NUMBER.fullmatch(hit["_id"])), default=0)

    def _after(self, number: int) -> Kept | None:
        """The last version of the unbroken row from `number` on; None where there is none."""
        newest: Kept | None = self._read([number])[0] if number else None
        while True:
            begin = (newest.number if newest else number) + 1
            for found in self._read(list(range(begin, begin + AT_ONCE))):
                if found is None:
                    return newest
                newest = found

    def _read(self, numbers: Sequence[int]) -> list[Kept | None]:
        """Each version, or None; as it is now, not as it was when the index was last refreshed."""
        try:
            answer = self._client.mget(index=self._index, body={"ids": [str(number) for number in numbers]})
        except NotFoundError:
            return [None] * len(numbers)
        return [
            read_release(number, found.get("_source")) if self._is_there(found) else None
            for number, found in zip(numbers, answer["docs"], strict=True)
        ]

    def _numbers_there(self, numbers: Sequence[int]) -> list[int]:
        """Those of the numbers that have a version, which is not read."""
        answer = self._client.mget(
            index=self._index, body={"ids": [str(number) for number in numbers]}, params={"_source": "false"}
        )
        return [
            number for number, found in zip(numbers, answer["docs"], strict=True) if self._is_there(found)
        ]

    def _is_there(self, found: dict[str, Any]) -> bool:
        """Raises ClusterError for a document that could not be looked for."""
        error = found.get("error")
        if error and error.get("type") != "index_not_found_exception":
            raise ClusterError(f"reading `{self._index}`: {error.get('reason', error)}")
        return bool(found.get("found"))

    def _make_index(self) -> None:
        if self._client.indices.exists(index=self._index):
            return
        body = {
            "settings": {
                "number_of_shards": 1,
                "auto_expand_replicas": self._replicas,
                "hidden": True,
            },
            # What rules say is kept as it is and never searched.
            "mappings": {"dynamic": False, "properties": {"number": {"type": "integer"}}},
        }
        try:
            self._client.indices.create(index=self._index, body=body)
        except RequestError as error:
            if error.error != "resource_already_exists_exception":
                raise

    @contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        try:
            with explained(doing, NAMED):
                yield
        except ClusterError as error:
            raise ReleasesUnavailable(str(error)) from error


def _conflict(winner: Kept | None, number: int) -> PublishConflict:
    by = winner.who if isinstance(winner, Release) else ""
    return PublishConflict(winner.number if winner else number, by)
