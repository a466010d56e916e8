"""Finds which values the same shoppers like: factors of a choice model, fitted to the clicks of many."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sidecar.config.kinship import Kinship
from sidecar.taste.choices import Choices
from sidecar.taste.state import Numbers

ROUNDS = 10
NEWTON_STEPS = 2
RIDGE = 2.0
GREATEST_STEP = 0.5
START_RIDGE = 0.02
DIGITS = 4


def relate(choices: Choices, dimensions: int, tick: Callable[[float], None] = lambda _: None) -> Kinship:
    """The values' vectors, most likely given the clicks. Raises ValueError where no value has enough.

    A shopper's weights u have the prior N(0, I) and a hit's chance to be taken is proportional to what was
    offered times exp(u · Σ vectors). Expectation and maximisation in turn, the former by Laplace's
    approximation: the factor model of collaborative filtering, on choices in place of ratings. `tick` hears
    the share that is done.
    """
    if not len(choices.keys):
        raise ValueError("no value was clicked by enough shoppers")
    vectors = _start(choices, dimensions)
    tastes = np.zeros((choices.count, dimensions))
    for number in range(ROUNDS):
        vectors = _improved(choices, vectors, tastes)
        tick((number + 1) / ROUNDS)
    table = np.round(vectors[:-1], DIGITS)
    return Kinship(
        shoppers=choices.count,
        clicks=len(choices.places),
        vectors=dict(zip(choices.keys.tolist(), table.tolist(), strict=True)),
    )


@dataclass(frozen=True, slots=True)
class _Expected:
    """`hits` float64 [c, h, d], `chances` [c, h] to be taken, `mean` [c, d] of the hits."""

    hits: Numbers
    chances: Numbers
    mean: Numbers


def _expected(choices: Choices, vectors: Numbers, tastes: Numbers) -> _Expected:
    hits = vectors[choices.values].sum(axis=2)
    logits = choices.offered + np.einsum("chd,cd->ch", hits, tastes[choices.shoppers])
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    return _Expected(hits, chances, np.einsum("ch,chd->cd", chances, hits))


def _start(choices: Choices, dimensions: int) -> Numbers:
    """From what each shopper clicked beyond what was offered: its principal axes. float64 [v + 1, d]."""
    size = len(choices.keys) + 1
    none = np.zeros((size, dimensions))
    chances = _expected(choices, none, np.zeros((choices.count, dimensions))).chances
    clicks = np.arange(len(choices.places))
    beyond = np.zeros((choices.count, size))
    known = np.zeros(size)
    for column in range(choices.values.shape[2]):
        values = choices.values[:, :, column]
        np.add.at(beyond, (choices.shoppers, values[clicks, choices.places]), 1.0)
        np.add.at(beyond, (choices.shoppers[:, None], values), -chances)
        np.add.at(known, values, chances * (1.0 - chances))
    scale = np.sqrt(known / choices.count + START_RIDGE)
    beyond = beyond / scale
    beyond[:, -1] = 0.0
    sizes, axes = np.linalg.eigh(beyond.T @ beyond / choices.count)
    best = np.argsort(-sizes)[:dimensions]
    none[:, : len(best)] = axes[:, best] * np.sqrt(np.maximum(sizes[best], 0.0)) / scale[:, None]
    none[-1] = 0.0
    return none


def _improved(choices: Choices, vectors: Numbers, tastes: Numbers) -> Numbers:
    """One round: `tastes` [s, d] in place, given the vectors; then new vectors, given the tastes."""
    dimensions = vectors.shape[1]
    clicks = np.arange(len(choices.places))
    for _ in range(NEWTON_STEPS):
        now = _expected(choices, vectors, tastes)
        spread = np.einsum("ch,chd,che->cde", now.chances, now.hits, now.hits, optimize=True)
        spread -= np.einsum("cd,ce->cde", now.mean, now.mean)
        gradient, curvature = -tastes, np.tile(np.eye(dimensions), (choices.count, 1, 1))
        np.add.at(gradient, choices.shoppers, now.hits[clicks, choices.places] - now.mean)
        np.add.at(curvature, choices.shoppers, spread)
        unsure = np.linalg.inv(curvature)
        tastes += np.einsum("sde,se->sd", unsure, gradient)
    now = _expected(choices, vectors, tastes)
    likes, doubt = tastes[choices.shoppers], unsure[choices.shoppers]
    # How far a hit's vector is off, by what is known of the shopper and by what is not.
    push = likes[:, None] + np.einsum("cde,che->chd", doubt, now.hits - now.mean[:, None])
    push *= -now.chances[:, :, None]
    push[clicks, choices.places] += likes
    squares = np.einsum("cd,ce->cde", likes, likes) + doubt
    weights = now.chances * (1.0 - now.chances)
    gradient = -RIDGE * vectors
    curvature = np.tile(RIDGE * np.eye(dimensions), (len(vectors), 1, 1))
    for column in range(choices.values.shape[2]):
        values = choices.values[:, :, column]
        np.add.at(gradient, values, push)
        np.add.at(curvature, values, weights[:, :, None, None] * squares[:, None])
    step = np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0] / choices.values.shape[2]
    vectors = vectors + np.clip(step, -GREATEST_STEP, GREATEST_STEP)
    vectors[-1] = 0.0
    return vectors
