"""Names with `*` for any characters, compared without a regular expression.

Python's `re` goes back and forth for many `*`: seconds a search for one name that does not match.
"""

from collections.abc import Callable


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text is what the pattern says, case and all; the time grows with the text's length."""
    if "*" not in pattern:
        return lambda text: text == pattern
    first, *middle, last = pattern.split("*")

    def matches(text: str) -> bool:
        place, end = len(first), len(text) - len(last)
        if end < place or not (text.startswith(first) and text.endswith(last)):
            return False
        # The first place that fits leaves most to those behind it.
        for piece in middle:
            place = text.find(piece, place, end)
            if place < 0:
                return False
            place += len(piece)
        return True

    return matches
