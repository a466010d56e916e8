"""Clicks as a logistic model with examination: a hit is clicked if it is seen (chance e) and wanted (σ(z)).

Log-likelihood: a click log(e·σ(z)), no click log(1 − e·σ(z)).
"""

import numpy as np

from sidecar.taste.state import Numbers


def sigmoid(logits: Numbers) -> Numbers:
    """σ, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


def click_gradient(logits: Numbers) -> Numbers:
    """d log-likelihood / d z of a click."""
    return 1.0 - sigmoid(logits)


def skip_gradient(logits: Numbers, chances: Numbers) -> Numbers:
    """d log-likelihood / d z of no click, given the chances that it was seen."""
    wanted = sigmoid(logits)
    return np.asarray(-chances * wanted * (1.0 - wanted) / np.maximum(1.0 - chances * wanted, 1e-9))


def information(logits: Numbers, chances: Numbers) -> Numbers:
    """What an observation adds to the precision: e·σ(1 − σ), never negative, near Fisher's information."""
    wanted = sigmoid(logits)
    return np.asarray(chances * wanted * (1.0 - wanted))


def log_likelihood(logits: Numbers, chances: Numbers, clicked: Numbers) -> Numbers:
    """Of each hit's outcome (`clicked` 1 or 0)."""
    chance = np.clip(chances * sigmoid(logits), 1e-12, 1 - 1e-12)
    return np.asarray(clicked * np.log(chance) + (1 - clicked) * np.log1p(-chance))
