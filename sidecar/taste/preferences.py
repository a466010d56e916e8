"""A profile's preferences by key."""

import numpy as np
from numpy.typing import NDArray

from sidecar.config.personalization import Personalization
from sidecar.taste.decay import shares_left
from sidecar.taste.state import Numbers, Taste


def rows_of(taste: Taste, keys: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where keys of any shape stand in the profile, and whether they are there; a row is 0 where not."""
    if not len(taste.keys):
        return np.zeros(keys.shape, np.intp), np.zeros(keys.shape, np.bool_)
    rows = np.searchsorted(taste.keys, keys)
    rows[rows == len(taste.keys)] = 0
    return rows, taste.keys[rows] == keys


def preferences(taste: Taste, keys: NDArray[np.uint32], now: float, settings: Personalization) -> Numbers:
    """The preferences at `now` for keys of any shape, long-term and session together; 0 for unknown ones."""
    if not len(taste.keys):
        return np.zeros(keys.shape)
    long, session = shares_left(taste, now, settings)
    both = long * taste.long_mean + session * taste.session_mean
    rows, known = rows_of(taste, keys)
    return np.where(known, both[rows], 0.0)


def make_room(taste: Taste, keys: NDArray[np.uint32], now: float) -> NDArray[np.intp]:
    """Adds the keys (uint32 [u], rising, no 0) that the profile lacks, with nothing known; rows of all.

    The profile may hold more keys than are kept; `evict` follows.
    """
    rows, known = rows_of(taste, keys)
    if known.all():
        return rows
    new = keys[~known]
    blank = np.zeros(len(new))
    keys_of_all = np.concatenate([taste.keys, new])
    order = np.argsort(keys_of_all, kind="stable")
    taste.keys = keys_of_all[order]
    taste.long_mean = np.concatenate([taste.long_mean, blank])[order]
    taste.long_information = np.concatenate([taste.long_information, blank])[order]
    taste.session_mean = np.concatenate([taste.session_mean, blank])[order]
    taste.session_information = np.concatenate([taste.session_information, blank])[order]
    taste.seen = np.concatenate([taste.seen, np.full(len(new), now)])[order]
    return np.searchsorted(taste.keys, keys)


def worth_a_row(taste: Taste, keys: NDArray[np.uint32], gained: Numbers) -> NDArray[np.bool_]:
    """Which keys (uint32 [u]) are in the profile, or would stay in it given what is learned of each."""
    known = rows_of(taste, keys)[1]
    if len(taste.keys) + len(keys) - int(known.sum()) <= taste.most_keys:
        return np.ones(len(keys), np.bool_)
    least = float((taste.long_information + taste.session_information).min()) if len(taste.keys) else 0.0
    return np.asarray(known | (2.0 * gained > least))


def evict(taste: Taste) -> int:
    """Drops what least is known of, until the profile has its size; how many were dropped.

    Not the oldest: a preference learned from many clicks is worth more than yesterday's single one.
    """
    excess = len(taste.keys) - taste.most_keys
    if excess <= 0:
        return 0
    information = taste.long_information + taste.session_information
    # Keys of which equally little is known: the smaller preference goes first.
    order = np.lexsort((np.abs(taste.long_mean + taste.session_mean), information))
    keep = np.sort(order[excess:])
    for name in ("keys", "long_mean", "long_information", "session_mean", "session_information", "seen"):
        setattr(taste, name, getattr(taste, name)[keep])
    return excess
