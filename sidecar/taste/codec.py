"""A profile as bytes: at most `MOST_BYTES`, checked when they are read.

Layout, little endian:

- version u8, keys u8, recent u8, pages u8, kinds u8, learned u32, updated f64, evidence f32;
- columns over the keys: key u32, long mean f32, long information f32, session mean f16, session information
  f16, seen u32;
- each recent event: kind u8, time u32, digest 6 bytes;
- each kind that there is evidence of: key u32, nats f16;
- each page: query 16 bytes, time u32, deepest i16, outcomes u8, each outcome: place u16, kind u8;
- in version 2 the interest in items' vectors: numbers u8, information f32, each number f16;
- the CRC-32 of all before, u32.

A profile without an interest is written as version 1, which sidecars from before there were interests read.
"""

import math
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.event import EventKind
from sidecar.taste.state import (
    DIGEST_PREFIX,
    MOST_INTEREST,
    MOST_KINDS,
    MOST_OUTCOMES,
    MOST_PAGES,
    MOST_RECENT,
    Numbers,
    OpenPage,
    RecentEvent,
    Taste,
)

VERSION = 1
WITH_INTEREST = 2
MOST_BYTES = 2048 - 100
"""A record's envelope (kind, marks, checksum) needs the rest of the 2 KB."""

_HEAD = struct.Struct("<BBBBBIdf")
_RECENT = struct.Struct(f"<BI{DIGEST_PREFIX}s")
_EVIDENCE = struct.Struct("<Ie")
_PAGE = struct.Struct("<16sIhB")
_OUTCOME = struct.Struct("<HB")
_INTEREST = struct.Struct("<Bf")
_CHECKSUM = struct.Struct("<I")
_COLUMNS = ("<u4", "<f4", "<f4", "<f2", "<f2", "<u4")
_KINDS = (EventKind.OTHER, EventKind.IMPRESSION, EventKind.CLICK, EventKind.ADD_TO_CART, EventKind.PURCHASE)
_NUMBER = {kind: number for number, kind in enumerate(_KINDS)}
_LATEST = 2**32 - 1
_GREATEST_F2 = 60_000.0
_GREATEST_PLACE = 2**15 - 1


class UnreadableTaste(ValueError):
    """Bytes that are no profile of this version. Says what is wrong with them, never what is in them."""


def encode(taste: Taste) -> bytes:
    """The profile's bytes. What is above its bounds (see `taste.state`) is cut: the oldest, the last keys."""
    recent = taste.recent[-MOST_RECENT:]
    pages = taste.pages[-MOST_PAGES:]
    kinds = list(taste.evidence_of.items())[-MOST_KINDS:]
    count = min(len(taste.keys), taste.most_keys)
    head = _HEAD.pack(
        WITH_INTEREST if len(taste.interest) else VERSION,
        count,
        len(recent),
        len(pages),
        len(kinds),
        min(taste.learned, _LATEST),
        taste.updated,
        taste.evidence,
    )
    columns: tuple[NDArray[Any], ...] = (
        taste.keys,
        taste.long_mean,
        taste.long_information,
        np.clip(taste.session_mean, -_GREATEST_F2, _GREATEST_F2),
        np.minimum(taste.session_information, _GREATEST_F2),
        _times(taste.seen),
    )
    body = [column[:count].astype(kind).tobytes() for column, kind in zip(columns, _COLUMNS, strict=True)]
    body += [_RECENT.pack(_NUMBER[event.kind], _time(event.time), event.digest) for event in recent]
    body += [_EVIDENCE.pack(kind, nats) for kind, nats in kinds]
    for page in pages:
        outcomes = list(page.outcomes.items())[-MOST_OUTCOMES:]
        body.append(
            _PAGE.pack(page.query, _time(page.time), min(page.deepest, _GREATEST_PLACE), len(outcomes))
        )
        body += [_OUTCOME.pack(min(place, _GREATEST_PLACE), _NUMBER[kind]) for place, kind in outcomes]
    if len(taste.interest):
        interest = np.clip(taste.interest[:MOST_INTEREST], -_GREATEST_F2, _GREATEST_F2)
        body += [_INTEREST.pack(len(interest), taste.interest_information), interest.astype("<f2").tobytes()]
    content = b"".join([head, *body])
    return content + _CHECKSUM.pack(zlib.crc32(content))


def decode(content: bytes) -> Taste:
    """The profile in these bytes. Raises UnreadableTaste."""
    if len(content) < _HEAD.size + _CHECKSUM.size or len(content) > MOST_BYTES:
        raise UnreadableTaste(f"{len(content)} bytes are no profile")
    if content[0] not in (VERSION, WITH_INTEREST):
        raise UnreadableTaste(f"version {content[0]} is neither {VERSION} nor {WITH_INTEREST}")
    if zlib.crc32(content[: -_CHECKSUM.size]) != int.from_bytes(content[-_CHECKSUM.size :], "little"):
        raise UnreadableTaste("the checksum does not fit")
    try:
        return _Reader(content).taste()
    except (struct.error, ValueError, IndexError) as error:
        raise UnreadableTaste(f"the content does not fit: {type(error).__name__}") from error


class _Reader:
    """Reads from the front to the back."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def taste(self) -> Taste:
        version, keys, recent, pages, kinds, learned, updated, evidence = self._next(_HEAD)
        columns = [self._column(kind, keys) for kind in _COLUMNS]
        key, long_mean, long_information, session_mean, session_information, seen = columns
        taste = Taste(
            updated=updated,
            keys=key.astype(np.uint32),
            long_mean=long_mean.astype(np.float64),
            long_information=long_information.astype(np.float64),
            session_mean=session_mean.astype(np.float64),
            session_information=session_information.astype(np.float64),
            seen=seen.astype(np.float64),
            evidence=evidence,
            learned=learned,
            recent=self._recent(recent),
            evidence_of=dict(self._next(_EVIDENCE) for _ in range(kinds)),
            pages=[self._page() for _ in range(pages)],
        )
        if version == WITH_INTEREST:
            numbers, taste.interest_information = self._next(_INTEREST)
            taste.interest = self._column("<f2", numbers).astype(np.float64)
        if self._at != len(self._content) - _CHECKSUM.size:
            raise ValueError("bytes are left over")
        if not all(map(math.isfinite, (updated, evidence, *taste.evidence_of.values()))):
            raise ValueError("not finite")
        if np.any(taste.keys[1:] <= taste.keys[:-1]):
            raise ValueError("the keys do not rise")
        informations = np.concatenate(
            [taste.long_information, taste.session_information, [taste.interest_information]]
        )
        means = np.concatenate([taste.long_mean, taste.session_mean, taste.interest])
        if not (np.isfinite(informations).all() and np.isfinite(means).all()):
            raise ValueError("not finite")
        if (informations < 0).any():
            raise ValueError("information below 0")
        return taste

    def _next(self, form: struct.Struct) -> tuple[Any, ...]:
        values = form.unpack_from(self._content, self._at)
        self._at += form.size
        return values

    def _column(self, kind: str, count: int) -> NDArray[Any]:
        column = np.frombuffer(self._content, kind, count, self._at)
        self._at += column.nbytes
        return column

    def _recent(self, count: int) -> list[RecentEvent]:
        begin, self._at = self._at, self._at + count * _RECENT.size
        found = _RECENT.iter_unpack(self._content[begin : self._at])
        return [RecentEvent(digest, _KINDS[kind], float(time)) for kind, time, digest in found]

    def _page(self) -> OpenPage:
        query, time, deepest, outcomes = _PAGE.unpack_from(self._content, self._at)
        self._at += _PAGE.size
        found = [self._next(_OUTCOME) for _ in range(outcomes)]
        return OpenPage(query, float(time), deepest, {place: _KINDS[kind] for place, kind in found})


def _time(seconds: float) -> int:
    return int(min(max(seconds, 0.0), _LATEST))


def _times(seconds: Numbers) -> Numbers:
    return np.clip(np.floor(seconds), 0, _LATEST)
