"""What a shopper's record holds beside the taste: when it was forgotten, and what was handed over.

Layout, little-endian: u32 forgotten_at (seconds since 1970, 0: never), u32 handed, u8 number of takings,
u8 0, u16 length of what goes out (0: nothing does), the takings (4 bytes source, u32 number), what goes out
(u32 number, 16 bytes target, taste), then the taste (empty: none). With four marks and four takings that is
100 bytes beside the taste.
"""

import struct
from dataclasses import dataclass

HEADER = struct.Struct("<IIBBH")
TAKING = struct.Struct("<4sI")
NUMBER = struct.Struct("<I16s")
MOST_TAKINGS = 4
SOURCE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A taste on its way into the record of `target` (its key). A source's numbers rise."""

    number: int
    target: bytes
    taste: bytes


@dataclass(frozen=True, slots=True)
class Taking:
    """The last outgoing taste that was taken in from a source, named by the first bytes of its key."""

    source: bytes
    number: int


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """`taste` is as the taste's codec wrote it, b"" for none. `handed` is the number of the last outgoing
    taste, 0 for none; `takings` by source, the latest last."""

    taste: bytes = b""
    forgotten_at: float = 0.0
    handed: int = 0
    takings: tuple[Taking, ...] = ()
    outgoing: Outgoing | None = None

    def has_taken(self, source: bytes, number: int) -> bool:
        """Whether this outgoing taste of a source, or a later one, was taken in."""
        prefix = source[:SOURCE_BYTES]
        return any(taking.source == prefix and number <= taking.number for taking in self.takings)

    def takings_with(self, source: bytes, number: int) -> tuple[Taking, ...]:
        """The takings after another one; the source that was silent longest makes room for a fifth."""
        prefix = source[:SOURCE_BYTES]
        others = [taking for taking in self.takings if taking.source != prefix]
        return (*others, Taking(prefix, number))[-MOST_TAKINGS:]


def pack_profile(record: ProfileRecord) -> bytes:
    """The payload of a record of Kind.PROFILE."""
    going = record.outgoing
    outgoing = NUMBER.pack(going.number, going.target) + going.taste if going else b""
    takings = record.takings[-MOST_TAKINGS:]
    head = HEADER.pack(int(record.forgotten_at), record.handed, len(takings), 0, len(outgoing))
    packed = [TAKING.pack(taking.source, taking.number) for taking in takings]
    return b"".join([head, *packed, outgoing, record.taste])


def unpack_profile(payload: bytes) -> ProfileRecord:
    """The record in a payload; the envelope's checksum has vouched for it."""
    forgotten_at, handed, count, _, going = HEADER.unpack_from(payload)
    start = HEADER.size + count * TAKING.size
    takings = tuple(Taking(*parts) for parts in TAKING.iter_unpack(payload[HEADER.size : start]))
    outgoing = None
    if going:
        taste = payload[start + NUMBER.size : start + going]
        number, target = NUMBER.unpack_from(payload, start)
        outgoing = Outgoing(number, target, taste)
    return ProfileRecord(payload[start + going :], float(forgotten_at), handed, takings, outgoing)
