"""Where two sequences differ, in a time that does not grow beyond all bounds."""

import difflib
from collections.abc import Iterator, Sequence

MOST_COMPARED = 1500
"""Entries of both sides that are compared one by one; the time grows with the square of it, or faster."""

Step = tuple[bool, slice, slice]


def steps(before: Sequence[str], after: Sequence[str]) -> Iterator[Step]:
    """From the beginning to the end of both: whether a part is the same, and where it is on each side.

    Of what lies between the first and the last difference a part that is too large is one difference.
    """
    shorter = min(len(before), len(after))
    begin = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    tail = next((n for n in range(shorter - begin) if before[-1 - n] != after[-1 - n]), shorter - begin)
    end, new_end = len(before) - tail, len(after) - tail
    if begin:
        yield True, slice(0, begin), slice(0, begin)
    if (end - begin) + (new_end - begin) > MOST_COMPARED:
        yield False, slice(begin, end), slice(begin, new_end)
    else:
        # Of 200 entries and more those that are there again and again are no landmarks: else a text of few
        # different words takes seconds.
        matcher = difflib.SequenceMatcher(None, before[begin:end], after[begin:new_end], autojunk=True)
        for what, first, last, new_first, new_last in matcher.get_opcodes():
            yield (
                what == "equal",
                slice(begin + first, begin + last),
                slice(begin + new_first, begin + new_last),
            )
    if tail:
        yield True, slice(end, len(before)), slice(new_end, len(after))
