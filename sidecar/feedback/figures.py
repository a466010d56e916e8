"""Decayed sums of what shoppers did: the payload of an engagement record.

Plain floats: a record has a dozen, and thousands of records change in a second.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

COUNTED = ("impressions", "clicks", "carts", "purchases", "dwell", "visits", "returns")
"""What is summed, in the order of the columns: impressions by the chance that they were examined;
`dwell` sums log(1 + seconds) over `visits`; `returns` are clicks that the shopper came back from at once."""

WIDTH = len(COUNTED)
LAYOUT = struct.Struct(f"<d{2 * WIDTH}f")
WITHOUT_RETURNS = struct.Struct(f"<d{2 * (WIDTH - 1)}f")
"""As records were before returns were counted."""

HalfLives = tuple[float, float]
"""Of the short and the long window, in seconds."""

Sums = tuple[Sequence[float], Sequence[float]]
"""Of the short and the long window, WIDTH numbers each."""


@dataclass(slots=True)
class Figures:
    """Sums of two windows, WIDTH numbers each, as they are worth at `time`, seconds since 1970."""

    time: float
    short: list[float]
    long: list[float]

    @staticmethod
    def empty() -> "Figures":
        """Nothing was seen."""
        return Figures(0.0, [0.0] * WIDTH, [0.0] * WIDTH)

    def add(self, amounts: Sequence[float], time: float, half_lives: HalfLives) -> None:
        """Adds what happened at `time` (WIDTH numbers); late news count as what they are still worth.

        The order in which things are added does not matter.
        """
        age = time - self.time
        if age > 0:
            short, long = _worth(age, half_lives) if self.time else (0.0, 0.0)
            self.time = time
            self.short = [old * short + new for old, new in zip(self.short, amounts, strict=True)]
            self.long = [old * long + new for old, new in zip(self.long, amounts, strict=True)]
        else:
            short, long = _worth(-age, half_lives)
            self.short = [old + new * short for old, new in zip(self.short, amounts, strict=True)]
            self.long = [old + new * long for old, new in zip(self.long, amounts, strict=True)]

    def at(self, time: float, half_lives: HalfLives) -> Sums:
        """What the sums are worth at a time."""
        if not self.time or time <= self.time:
            return self.short, self.long
        short, long = _worth(time - self.time, half_lives)
        return [old * short for old in self.short], [old * long for old in self.long]

    def pack(self) -> bytes:
        """64 bytes."""
        return LAYOUT.pack(self.time, *self.short, *self.long)

    @staticmethod
    def unpack(payload: bytes | None) -> "Figures":
        """Of a payload; empty of none. Raises struct.error for bytes that are no figures."""
        if payload is None:
            return Figures.empty()
        if len(payload) == WITHOUT_RETURNS.size:
            time, *values = WITHOUT_RETURNS.unpack(payload)
            half = WIDTH - 1
            return Figures(time, [*values[:half], 0.0], [*values[half:], 0.0])
        time, *values = LAYOUT.unpack(payload)
        return Figures(time, values[:WIDTH], values[WIDTH:])


def _worth(age: float, half_lives: HalfLives) -> tuple[float, float]:
    return math.pow(2.0, -age / half_lives[0]), math.pow(2.0, -age / half_lives[1])
