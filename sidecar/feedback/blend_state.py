"""The online blend as one record: sums to which several sidecars add."""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sidecar.feedback.blend_proof import Proof, Window
from sidecar.profiles.keyspace import BLEND
from sidecar.profiles.marks import Kind, RecordType

KEY = BLEND + b"online"
TYPE = RecordType(Kind.BLEND, 1, 400 * 86_400.0)
PROOF = struct.Struct("<10dIIB")
LENGTH = struct.Struct("<I")
MOST_FEATURES = 256

Numbers = NDArray[np.float64]


class UnreadableBlend(ValueError):
    """Bytes that are no state of a blend."""


@dataclass(slots=True)
class BlendState:
    """FTRL's sums `z`, `n` [f] by name, those of relevance alone [2] (bias, relevance), and the proof."""

    names: list[str] = field(default_factory=list)
    z: Numbers = field(default_factory=lambda: np.zeros(0))
    n: Numbers = field(default_factory=lambda: np.zeros(0))
    base_z: Numbers = field(default_factory=lambda: np.zeros(2))
    base_n: Numbers = field(default_factory=lambda: np.zeros(2))
    proof: Proof = field(default_factory=Proof)

    def places(self, names: Sequence[str]) -> NDArray[np.intp]:
        """Where these names stand; new ones are added. Beyond MOST_FEATURES they are left out (−1)."""
        known = {name: at for at, name in enumerate(self.names)}
        for name in names:
            if name not in known and len(known) < MOST_FEATURES:
                known[name] = len(known)
        new = list(known)[len(self.names) :]
        if new:
            self.names.extend(new)
            self.z = np.concatenate([self.z, np.zeros(len(new))])
            self.n = np.concatenate([self.n, np.zeros(len(new))])
        return np.array([known.get(name, -1) for name in names], np.intp)

    def add(self, names: Sequence[str], z: Numbers, n: Numbers, base_z: Numbers, base_n: Numbers) -> None:
        """Adds a step's sums, by name."""
        places = self.places(names)
        known = places >= 0
        np.add.at(self.z, places[known], z[known])
        np.add.at(self.n, places[known], n[known])
        self.base_z = self.base_z + base_z
        self.base_n = self.base_n + base_n

    def pack(self) -> bytes:
        """As a record's payload."""
        words = json.dumps(self.names, ensure_ascii=False, separators=(",", ":")).encode()
        proof, slow, quick = self.proof, self.proof.slow, self.proof.quick
        numbers = [
            value
            for window in (slow, quick)
            for value in (window.hits, window.gain, window.squared, window.loss, window.loss_relevance)
        ]
        arrays = np.concatenate([self.z, self.n, self.base_z, self.base_n]).astype("<f8").tobytes()
        head = PROOF.pack(*numbers, proof.pages, proof.drifts, proof.proven)
        return LENGTH.pack(len(words)) + words + head + arrays

    @staticmethod
    def unpack(payload: bytes | None) -> "BlendState":
        """Of a payload; a new one of none. Raises UnreadableBlend."""
        if payload is None:
            return BlendState()
        try:
            (length,) = LENGTH.unpack_from(payload)
            names = json.loads(payload[LENGTH.size : LENGTH.size + length])
            *numbers, pages, drifts, proven = PROOF.unpack_from(payload, LENGTH.size + length)
            arrays = np.frombuffer(payload[LENGTH.size + length + PROOF.size :], "<f8").astype(np.float64)
            count = len(names)
            if len(arrays) != 2 * count + 4:
                raise ValueError("length")
        except (struct.error, ValueError, TypeError) as error:
            raise UnreadableBlend("the record of the online blend is damaged") from error
        proof = Proof(Window(*numbers[:5]), Window(*numbers[5:]), pages, bool(proven), drifts)
        return BlendState(
            names,
            arrays[:count].copy(),
            arrays[count : 2 * count].copy(),
            arrays[2 * count : 2 * count + 2].copy(),
            arrays[2 * count + 2 :].copy(),
            proof,
        )
