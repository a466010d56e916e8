"""Rules that hide by what documents say, to be carried out on documents that nobody had read."""

from dataclasses import dataclass

MOST_RULES = 200
"""Where more hold for one search, nothing is brought in."""


@dataclass(frozen=True, slots=True)
class HidingCheck:
    """What a search's answer asks to be checked of the documents that it names.

    `release` is the version of the rules, `rules` the ids of those that hold and hide by an expression, `now`
    what expressions took for it, in seconds since 1970.
    """

    release: str
    rules: tuple[str, ...]
    now: float
