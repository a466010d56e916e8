"""Which published versions stay."""

from sidecar.rules.release import Kept, Release


def first_kept(live: Kept, keep: int) -> int:
    """The oldest number that stays when the newest `keep` versions do.

    Going back from a version that is itself a roll back leads to before the version whose rules it has: while
    such a one is live, that one and its predecessor stay as well.
    """
    first = live.number - keep + 1
    if isinstance(live, Release) and live.rolled_back_to:
        first = min(first, live.rolled_back_to - 1)
    return max(first, 1)
