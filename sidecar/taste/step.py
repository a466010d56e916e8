"""One step of learning: a Gaussian over the preferences, moved by observations of a logistic model."""

import numpy as np

from sidecar.config.personalization import Personalization
from sidecar.taste.interest import learn_interest, spread
from sidecar.taste.preferences import evict, make_room, worth_a_row
from sidecar.taste.seen_list import SeenList
from sidecar.taste.state import Numbers, Taste

GREATEST_MEAN = 8.0
"""In logits; nobody's preference is greater, and 16-bit numbers hold it well."""


def learn(
    taste: Taste, seen: SeenList, gradient: Numbers, information: Numbers, settings: Personalization
) -> None:
    """Moves the preferences by m observations with these gradients and informations (float64 [m]), in place.

    Per preference τ += Σ h·φ², m += Σ g·φ / τ (a diagonal Gaussian, one Newton step), at both time scales.
    The step is divided by 1 + h·S, S = Σ φ²/τ over all preferences of a hit, and its vector: what they
    explain together is not counted once for each (the extended Kalman filter's gain).
    """
    used = np.flatnonzero(gradient)
    if not len(used):
        return
    features, gradient, information = seen.features[used], gradient[used], information[used]
    squares = features**2
    gained = information @ squares
    concerned = np.flatnonzero((gained > 0.0) & worth_a_row(taste, seen.keys, gained))
    vectors = seen.vectors.at(used) if seen.vectors is not None else None
    if not len(concerned) and vectors is None:
        return
    features, squares, gained = features[:, concerned], squares[:, concerned], gained[concerned]
    precision = seen.precision[concerned]
    rows = make_room(taste, seen.keys[concerned], taste.updated)
    long = precision + taste.long_information[rows]
    session = precision * (settings.session.precision / settings.long_term.precision)
    session = session + taste.session_information[rows]
    variance = squares @ (1.0 / long + 1.0 / session)
    if vectors is not None:
        variance = variance + spread(taste, vectors)
    gradient = gradient / (1.0 + information * variance)
    pull = gradient @ features
    # Several observations at once damp each other as one after another would.
    damping = gained if len(used) > 1 else 0.0
    taste.long_mean[rows] = _bounded(taste.long_mean[rows] + pull / (long + damping))
    taste.session_mean[rows] = _bounded(taste.session_mean[rows] + pull / (session + damping))
    taste.long_information[rows] += gained
    taste.session_information[rows] += gained
    taste.seen[rows] = taste.updated
    if vectors is not None:
        learn_interest(taste, vectors, gradient, information, damped=len(used) > 1)
    evict(taste)


def _bounded(means: Numbers) -> Numbers:
    return np.asarray(np.clip(means, -GREATEST_MEAN, GREATEST_MEAN))
