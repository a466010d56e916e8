"""A served list as bytes: versioned, checked, compressed.

A header of 8 bytes (format, crc32 of the rest), then one zlib stream: counts, words as JSON, ids, and the
arrays one after another. Scores, residuals and propensities stay float32; numbers, features and items'
vectors become float16, which is finer than anything is learned from them.

Format 2 knows vectors, locale and channel beside what format 1 has. A list that has none of them is written
in format 1, which older sidecars read.
"""

import json
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.taste.served_list import ServedList
from sidecar.taste.traits import Traits

FORMAT = b"SL1\0"
FORMAT_2 = b"SL2\0"
HEADER = struct.Struct("<4sI")
COUNTS = struct.Struct("<dHHHHHHfI")
LEVEL = 1
"""Of zlib: higher ones save another tenth for twice the time."""

LARGEST = 4 * 1024 * 1024
"""Bytes that a list may unfold to; more is damage."""

NO_VECTORS = 65_535

HALF = float(np.finfo(np.float16).max)


class UnreadableList(ValueError):
    """Damaged, or written by another version."""


def encode(served: ServedList) -> bytes:
    """The list as bytes. `query`, `shopper`, `page_start` and `page_size` are in them as well."""
    traits = served.traits
    newer = traits.vectors is not None or bool(served.locale or served.channel)
    words = json.dumps(
        [
            list(traits.attributes),
            list(traits.slopes),
            list(served.feature_names),
            served.device,
            None if served.versions is None else dict(served.versions),
            None if served.arms is None else dict(served.arms),
            list(served.ids),
            *([served.locale, served.channel] if newer else []),
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode("utf-8", "surrogatepass")
    count = len(served.ids)
    counts = COUNTS.pack(
        served.time,
        count,
        traits.keys.shape[1],
        traits.numbers.shape[1],
        served.features.shape[1],
        min(served.page_start, 65535),
        min(served.page_size, 65535),
        served.intent_specificity,
        len(words),
    )
    body = b"".join(
        (
            counts,
            bytes((len(served.query), len(served.shopper))),
            served.query,
            served.shopper,
            words,
            _bytes(served.ranks, np.uint16),
            _bytes(served.scores, np.float32),
            _bytes(served.residuals, np.float32),
            _bytes(served.propensities, np.float32),
            _bytes(traits.keys, np.uint32),
            _halves(traits.numbers),
            _halves(served.features),
            _vectors(traits.vectors) if newer else b"",
        )
    )
    packed = zlib.compress(body, LEVEL)
    return HEADER.pack(FORMAT_2 if newer else FORMAT, zlib.crc32(packed)) + packed


def decode(data: bytes) -> ServedList:
    """The list of `encode`. Raises UnreadableList."""
    if len(data) < HEADER.size:
        raise UnreadableList("too short")
    form, checksum = HEADER.unpack_from(data)
    if form not in (FORMAT, FORMAT_2):
        raise UnreadableList("written by another version")
    if zlib.crc32(data[HEADER.size :]) != checksum:
        raise UnreadableList("damaged")
    try:
        unfolding = zlib.decompressobj()
        body = unfolding.decompress(data[HEADER.size :], LARGEST)
        return _read(body, newer=form == FORMAT_2)
    except (zlib.error, struct.error, ValueError, IndexError, TypeError) as error:
        raise UnreadableList("damaged") from error


def _read(body: bytes, *, newer: bool) -> ServedList:
    time, count, attributes, slopes, features, page_start, page_size, specificity, length = (
        COUNTS.unpack_from(body)
    )
    reader = _Reader(body, COUNTS.size)
    query_length, shopper_length = reader.take(2)
    query, shopper = reader.take(query_length), reader.take(shopper_length)
    words: list[Any] = json.loads(reader.take(length).decode("utf-8", "surrogatepass"))
    attribute_names, slope_names, feature_names, device, versions, arms, ids, *context = words
    locale, channel = context if newer else ("", "")
    if len(ids) != count:
        raise ValueError("ids")
    ranks = reader.array(np.uint16, (count,))
    scores = reader.array(np.float32, (count,))
    residuals = reader.array(np.float32, (count,))
    propensities = reader.array(np.float32, (count,))
    keys = reader.array(np.uint32, (count, attributes))
    numbers = reader.array(np.float16, (count, slopes)).astype(np.float32)
    columns = reader.array(np.float16, (count, features)).astype(np.float32)
    length = int.from_bytes(reader.take(2), "little") if newer else NO_VECTORS
    vectors = None
    if length != NO_VECTORS:
        vectors = reader.array(np.float16, (count, length)).astype(np.float32)
    reader.end()
    return ServedList(
        query=query,
        shopper=shopper,
        time=time,
        ids=ids,
        ranks=ranks,
        scores=scores,
        residuals=residuals,
        propensities=propensities,
        traits=Traits(keys, numbers, attribute_names, slope_names, vectors),
        features=columns,
        feature_names=feature_names,
        page_start=page_start,
        page_size=page_size,
        device=device,
        locale=locale,
        channel=channel,
        intent_specificity=specificity,
        versions=versions,
        arms=arms,
    )


@dataclass(slots=True)
class _Reader:
    """Bytes from left to right. Raises ValueError where there are too few, or some are left."""

    data: bytes
    place: int

    def take(self, length: int) -> bytes:
        end = self.place + length
        if end > len(self.data):
            raise ValueError("too short")
        taken = self.data[self.place : end]
        self.place = end
        return taken

    def array(self, kind: type[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        return np.frombuffer(self.take(size), np.dtype(kind).newbyteorder("<")).astype(kind).reshape(shape)

    def end(self) -> None:
        if self.place != len(self.data):
            raise ValueError("too long")


def _bytes(array: NDArray[Any], kind: type[Any]) -> bytes:
    return np.ascontiguousarray(array, np.dtype(kind).newbyteorder("<")).tobytes()


def _vectors(vectors: NDArray[np.float32] | None) -> bytes:
    """How many numbers each hit's has, and all of them."""
    if vectors is None:
        return struct.pack("<H", NO_VECTORS)
    return struct.pack("<H", vectors.shape[1]) + _halves(vectors)


def _halves(array: NDArray[Any]) -> bytes:
    return _bytes(np.clip(np.nan_to_num(array, posinf=HALF, neginf=-HALF), -HALF, HALF), np.float16)
