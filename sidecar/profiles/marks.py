"""The envelope of a record: what it is, whether it is whole, and which journal entries it has taken in.

Layout, little-endian: u8 kind, u8 schema, u8 number of marks, u8 0, u32 CRC-32 of all other bytes, then a
mark a piece (u32 writer, u64 seq; the writer heard of last stands last), then the payload.
"""

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

HEADER = struct.Struct("<BBBBI")
MARK = struct.Struct("<IQ")
MOST_MARKS = 4


class UnreadableRecord(Exception):
    """Bytes that are no record, a damaged one, or one of another version. Never holds what they say."""


class Kind(IntEnum):
    """What a record is. Numbers are stored: they never change."""

    PROFILE = 1
    LINKS = 2
    SWITCH = 3
    ENGAGEMENT = 4
    BLEND = 5


@dataclass(frozen=True, slots=True)
class RecordType:
    """What all records of one sort have in common. `ttl` is in seconds since a record's last change.

    `schema` is the version of the payload's layout: records of another one are set aside, not read. `keep`
    tells of a payload for how many seconds at least it must be kept.
    """

    kind: Kind
    schema: int
    ttl: float
    keep: Callable[[bytes], float] | None = None

    def lifetime(self, payload: bytes) -> float:
        """For how many seconds from now a record with this payload is to live."""
        return max(self.ttl, self.keep(payload)) if self.keep else self.ttl


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is stored: its payload, and by writer the last journal entry that it has taken in."""

    payload: bytes
    marks: Mapping[int, int] = field(default_factory=dict)


def pack(record: Record, record_type: RecordType) -> bytes:
    """The record's bytes: 8, and 12 a mark, and the payload."""
    marks = b"".join(MARK.pack(writer, seq) for writer, seq in record.marks.items())
    head = (record_type.kind, record_type.schema, len(record.marks), 0)
    check = zlib.crc32(record.payload, zlib.crc32(marks, zlib.crc32(bytes(head))))
    return HEADER.pack(*head, check) + marks + record.payload


def unpack(data: bytes, record_type: RecordType) -> Record:
    """The record in `data`. Raises UnreadableRecord."""
    if len(data) < HEADER.size:
        raise UnreadableRecord(f"{len(data)} bytes are no record")
    kind, schema, count, _, check = HEADER.unpack_from(data)
    start = HEADER.size + count * MARK.size
    if zlib.crc32(data[HEADER.size :], zlib.crc32(data[:4])) != check or len(data) < start:
        raise UnreadableRecord("the checksum does not fit")
    if (kind, schema) != (record_type.kind, record_type.schema):
        raise UnreadableRecord(
            f"kind {kind}, version {schema}; expected {record_type.kind:d}, {record_type.schema}"
        )
    marks = dict(MARK.iter_unpack(data[HEADER.size : start]))
    return Record(data[start:], marks)


def marked(marks: Mapping[int, int], writer: int, seq: int) -> dict[int, int]:
    """The marks after the entry (writer, seq).

    The writer that was silent longest makes room for a fifth: what it replays later would count again, so a
    shopper's events should not come through more than four sidecars within the journals' replay window.
    """
    others = {known: last for known, last in marks.items() if known != writer}
    while len(others) >= MOST_MARKS:
        del others[next(iter(others))]
    return {**others, writer: seq}


def is_marked(marks: Mapping[int, int], writer: int, seq: int) -> bool:
    """Whether the record has taken in the entry (writer, seq) already."""
    return seq <= marks.get(writer, 0)
