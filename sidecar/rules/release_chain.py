"""Whether a history is as it was written."""

from collections.abc import Sequence

from sidecar.rules.release import Kept, UnreadableRelease


def broken_links(newest_first: Sequence[Kept]) -> dict[int, str]:
    """What is wrong with versions that follow each other, by number; empty for a sound history.

    The oldest of them is not compared with the one before it, which is not at hand.
    """
    found: dict[int, str] = {}
    for place, release in enumerate(newest_first):
        if isinstance(release, UnreadableRelease):
            found[release.number] = release.why
            continue
        older = newest_first[place + 1] if place + 1 < len(newest_first) else None
        if older is None:
            if release.number > 1:
                continue
            if release.parent or release.parent_seal:
                found[release.number] = "it names a version before it, and is the first"
        elif older.number != release.number - 1:
            found[release.number] = f"version {release.number - 1} is missing"
        elif release.parent_seal != older.seal:
            found[release.number] = f"version {older.number} was changed after this one was published"
    return found
