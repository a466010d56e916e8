"""Which of several sidecars follows the shop's events, and which events are whose: one document.

Every change is a compare-and-set. A page of events is claimed in it before it is read, and belongs to the
claimant's journal from then on, whoever follows later: what a sidecar claimed and had not kept when it died
it fetches when it is back, and nobody counts a page twice.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConflictError, NotFoundError, RequestError

from sidecar.opensearch.connection import explained

NOBODY = 0
MOST_POSITIONS = 5000
"""Of indices that were deleted long ago, the oldest are forgotten beyond it."""

SETTINGS: Mapping[str, Any] = {
    "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1", "hidden": True},
    "mappings": {"dynamic": False},
}


@dataclass(frozen=True, slots=True)
class Claim:
    """The operations of a shard with numbers above `after` up to `to`, for the journal `owner`."""

    owner: int
    index: str
    uuid: str
    shard: int
    after: int
    to: int

    @property
    def place(self) -> str:
        """What positions are kept by: an index made anew under its name is another one."""
        return f"{self.uuid}/{self.shard}"


@dataclass(frozen=True, slots=True)
class Lease:
    """The document as it was read. `version` is what a change must name; None: it is not there yet."""

    holder: int = NOBODY
    positions: dict[str, int] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    version: tuple[int, int] | None = None

    def claimed_by(self, owner: int) -> list[Claim]:
        """What a journal claimed and has not said to have kept, oldest first."""
        return [claim for claim in self.claims if claim.owner == owner]

    def without(self, done: set[Claim]) -> "Lease":
        """The lease when claims are kept."""
        return replace(self, claims=tuple(claim for claim in self.claims if claim not in done))

    def taken(self, owner: int, claims: list[Claim]) -> "Lease":
        """The lease when `owner` follows and claims more."""
        positions = dict(self.positions)
        for claim in claims:
            # Put at the end: the dictionary's order is that of use.
            positions.pop(claim.place, None)
            positions[claim.place] = claim.to
        for place in list(positions)[: max(0, len(positions) - MOST_POSITIONS)]:
            del positions[place]
        return replace(self, holder=owner, positions=positions, claims=(*self.claims, *claims))


class LeaseDocument:
    """Reads and changes the lease of one followed name. Methods block, and raise ClusterError."""

    def __init__(self, client: OpenSearch, index: str, followed: str) -> None:
        self._client = client
        self._index = index
        self._id = followed

    def read(self) -> Lease:
        """The lease as it is now."""
        with explained(f"reading the lease in `{self._index}`"):
            try:
                found = self._client.get(index=self._index, id=self._id)
            except NotFoundError:
                return Lease()
        source = found["_source"]
        return Lease(
            holder=source["holder"],
            positions=source["positions"],
            claims=tuple(Claim(**claim) for claim in source["claims"]),
            version=(found["_seq_no"], found["_primary_term"]),
        )

    def write(self, lease: Lease) -> Lease | None:
        """The lease as it is now on disk; None where somebody else changed it since it was read."""
        body = {
            "holder": lease.holder,
            "renewed": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "positions": lease.positions,
            "claims": [asdict(claim) for claim in lease.claims],
        }
        params: dict[str, Any]
        if lease.version is None:
            self._make_index()
            params = {"op_type": "create"}
        else:
            params = {"if_seq_no": lease.version[0], "if_primary_term": lease.version[1]}
        with explained(f"writing the lease in `{self._index}`"):
            try:
                answer = self._client.index(index=self._index, id=self._id, body=body, params=params)
            except ConflictError:
                return None
        return replace(lease, version=(answer["_seq_no"], answer["_primary_term"]))

    def _make_index(self) -> None:
        with explained(f"making the index `{self._index}`"):
            try:
                self._client.indices.create(index=self._index, body=SETTINGS)
            except RequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise
