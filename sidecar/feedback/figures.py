"""Decayed sums of what shoppers did: the payload of an engagement record."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COUNTED = ("impressions", "clicks", "carts", "purchases", "dwell", "visits")
"""What is summed, in the order of the columns: impressions are weighted by the chance that they were examined;
`dwell` sums log(1 + seconds) over `visits`."""

WIDTH = len(COUNTED)
LAYOUT = struct.Struct(f"<d{2 * WIDTH}f")

FloatArray = NDArray[np.float64]


@dataclass(slots=True)
class Figures:
    """Sums `values` [short and long window, WIDTH] as they are worth at `time`, seconds since 1970."""

    time: float
    values: FloatArray

    @staticmethod
    def empty() -> "Figures":
        """Nothing was seen."""
        return Figures(0.0, np.zeros((2, WIDTH)))

    def add(self, amounts: FloatArray, time: float, half_lives: FloatArray) -> None:
        """Adds what happened at `time` [WIDTH]; late news count as what they are still worth.

        `half_lives` [2] are in seconds. The order in which things are added does not matter.
        """
        if time > self.time:
            if self.time:
                self.values *= _worth(time - self.time, half_lives)
            self.time = time
            self.values += amounts
        else:
            self.values += amounts * _worth(self.time - time, half_lives)

    def at(self, time: float, half_lives: FloatArray) -> FloatArray:
        """What the sums are worth at a time [2, WIDTH]."""
        if not self.time or time <= self.time:
            return self.values
        return np.asarray(self.values * _worth(time - self.time, half_lives))

    def pack(self) -> bytes:
        """56 bytes."""
        return LAYOUT.pack(self.time, *self.values.ravel().tolist())

    @staticmethod
    def unpack(payload: bytes | None) -> "Figures":
        """Of a payload; empty of none. Raises struct.error for bytes that are no figures."""
        if payload is None:
            return Figures.empty()
        time, *values = LAYOUT.unpack(payload)
        return Figures(time, np.array(values).reshape(2, WIDTH))


def _worth(age: float, half_lives: FloatArray) -> FloatArray:
    return np.exp2(-age / half_lives)[:, None]
