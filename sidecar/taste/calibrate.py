"""Fit what a click's logit is made of to lists that were served and what was clicked on them."""

import numpy as np

from sidecar.config.personalization import Calibration
from sidecar.taste.click_model import sigmoid
from sidecar.taste.state import Numbers

ROUNDS = 50
RIDGE = 1.0
LEAST_SLOPE = 0.01


def fit_logit(features: Numbers, chances: Numbers, clicked: Numbers, ridge: float = RIDGE) -> Numbers:
    """Weights float64 [g + 1] (the last is the intercept) of the click model with examination.

    `features` float64 [m, g], `chances` [m] that each hit was seen, `clicked` [m] 1 or 0. Maximises
    Σ log-likelihood − ridge/2 · Σ weights² by Fisher scoring; the intercept is not held back.
    """
    table = np.column_stack([features, np.ones(len(features))])
    weights = np.zeros(table.shape[1])
    held = np.full(len(weights), ridge)
    held[-1] = 1e-6
    for _ in range(ROUNDS):
        wanted = sigmoid(table @ weights)
        seen = np.clip(chances * wanted, 1e-9, 1 - 1e-9)
        change = chances * wanted * (1 - wanted)
        gradient = table.T @ ((clicked - seen) / (seen * (1 - seen)) * change) - held * weights
        fisher = (table * (change**2 / (seen * (1 - seen)))[:, None]).T @ table + np.diag(held)
        step = np.linalg.solve(fisher, gradient)
        weights = weights + np.clip(step, -2.0, 2.0)
        if float(np.abs(step).max()) < 1e-8:
            break
    return np.asarray(weights)


def fit_calibration(scores: Numbers, logits: Numbers) -> Calibration:
    """A blend's or model's section `calibration`: least squares of judged hits' logits on their scores.

    `scores`, `logits` float64 [m]; a hit's logit is its label's (`grade_logits`). Not of the clicks on the
    scores: clicks see the best hits only, and a slope that fits there is too flat for hits further down,
    which a taste would then lift too easily.
    """
    spread = float(scores.var())
    slope = float(np.mean((scores - scores.mean()) * (logits - logits.mean()))) / spread if spread else 1.0
    slope = min(max(slope, LEAST_SLOPE), 100.0)
    intercept = float(logits.mean() - slope * scores.mean())
    return Calibration(slope=round(slope, 4), intercept=round(min(max(intercept, -20.0), 20.0), 4))


def grade_logits(grades: Numbers, chances: Numbers, clicked: Numbers) -> tuple[float, float]:
    """The logit of a click on a seen hit of grade 0 (the best), and how it changes with each grade.

    `grades` float64 [m] are judged: 0, 1, … A straight line: of the lower grades too few hits are shown to
    fit each one.
    """
    step, best = fit_logit(grades[:, None], chances, clicked).tolist()
    return best, step
