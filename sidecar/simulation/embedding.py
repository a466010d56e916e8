"""Vectors as an image model would give them: they tell some of what tastes are about, and much else.

A product's vector sees its colour and style well, its brand and price through a fog, and most of all what
kind of thing it is; then a mixing that bends (tanh) and noise.
"""

import numpy as np

from sidecar.simulation.latent import Latent
from sidecar.simulation.shelf import Goods, Numbers

DIMENSIONS = 64
FIELD = "image_vector"

VISIBLE = {"brand": 0.5, "color": 1.0, "words": 1.0, "price": 0.4, "noise": 0.0}
"""How loud each part of a taste's space is in a vector."""

KIND = 1.5
"""How loud it is what kind of thing a product is: of that all hits of a list have nearly the same."""

NOISE = 0.15
"""Deviation in each of the dimensions, whose signal has at most 1."""


def embeddings(goods: Goods, world: Latent, random: np.random.Generator) -> Numbers:
    """Unit vectors float64 [P, DIMENSIONS] of all products of a population's world."""
    leaves, place = np.unique(goods.values("category"), return_inverse=True)
    kinds = random.normal(size=(len(leaves), 3)) / 3**0.5
    seen = [KIND * kinds[place], *(loud * world.parts[name] for name, loud in VISIBLE.items() if loud)]
    table = np.concatenate(seen, axis=1)
    mixed = np.tanh(table @ random.normal(size=(table.shape[1], DIMENSIONS)))
    found = mixed + random.normal(0.0, NOISE, mixed.shape)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))
