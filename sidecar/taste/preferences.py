"""A profile's preferences by key."""

import numpy as np
from numpy.typing import NDArray

from sidecar.config.personalization import Personalization
from sidecar.taste.decay import shares_left
from sidecar.taste.state import MOST_KEYS, Numbers, Taste


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
    if not known.all():
        new = keys[~known]
        at = np.searchsorted(taste.keys, new)
        taste.keys = np.insert(taste.keys, at, new)
        for name in ("long_mean", "long_information", "session_mean", "session_information"):
            setattr(taste, name, np.insert(getattr(taste, name), at, 0.0))
        taste.seen = np.insert(taste.seen, at, now)
        rows = np.searchsorted(taste.keys, keys)
    return rows


def evict(taste: Taste) -> int:
    """Drops what least is known of, until the profile has its size; how many were dropped.

    Not the oldest: a preference learned from many clicks is worth more than yesterday's single one.
    """
    excess = len(taste.keys) - MOST_KEYS
    if excess <= 0:
        return 0
    information = taste.long_information + taste.session_information
    # Keys of which equally little is known: the smaller preference goes first.
    order = np.lexsort((np.abs(taste.long_mean + taste.session_mean), information))
    keep = np.sort(order[excess:])
    for name in ("keys", "long_mean", "long_information", "session_mean", "session_information", "seen"):
        setattr(taste, name, getattr(taste, name)[keep])
    return excess
