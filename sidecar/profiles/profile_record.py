"""What a shopper's record holds beside the taste: when it was forgotten, and what was handed over.

Layout, little-endian: u32 forgotten_at (seconds since 1970, 0: never), u8 number of tokens, u8 0, u16 length
of what goes out (0: nothing does), the tokens (8 bytes each), what goes out (token, 16 bytes target, taste),
then the taste (empty: none). With four marks and four tokens that is 96 bytes beside the taste.
"""

import secrets
import struct
from dataclasses import dataclass

HEADER = struct.Struct("<IBBH")
TOKEN = struct.Struct("<II")
KEY_BYTES = 16
MOST_TOKENS = 4


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A taste on its way into the record of `target`, from where it is never taken twice: `token` tells."""

    token: bytes
    target: bytes
    taste: bytes

    @classmethod
    def now(cls, target: bytes, taste: bytes, now: float) -> "Outgoing":
        """A new one, begun at `now`."""
        return cls(TOKEN.pack(int(now), secrets.randbits(32)), target, taste)

    @property
    def begun(self) -> float:
        """When it was begun, in seconds since 1970."""
        return float(TOKEN.unpack(self.token)[0])


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """`taste` is as the taste's codec wrote it, b"" for none. `taken` are tokens, the latest last."""

    taste: bytes = b""
    forgotten_at: float = 0.0
    taken: tuple[bytes, ...] = ()
    outgoing: Outgoing | None = None


def pack_profile(record: ProfileRecord) -> bytes:
    """The payload of a record of Kind.PROFILE."""
    going = record.outgoing
    outgoing = going.token + going.target + going.taste if going else b""
    taken = record.taken[-MOST_TOKENS:]
    return b"".join(
        [HEADER.pack(int(record.forgotten_at), len(taken), 0, len(outgoing)), *taken, outgoing, record.taste]
    )


def unpack_profile(payload: bytes) -> ProfileRecord:
    """The record in a payload; the envelope's checksum has vouched for it."""
    forgotten_at, count, _, going = HEADER.unpack_from(payload)
    start = HEADER.size + count * TOKEN.size
    taken = tuple(payload[at : at + TOKEN.size] for at in range(HEADER.size, start, TOKEN.size))
    outgoing = None
    if going:
        parts = payload[start : start + going]
        middle = TOKEN.size + KEY_BYTES
        outgoing = Outgoing(parts[: TOKEN.size], parts[TOKEN.size : middle], parts[middle:])
    return ProfileRecord(payload[start + going :], float(forgotten_at), taken, outgoing)
