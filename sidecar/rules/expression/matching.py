"""`contains`, `starts_with` and `matches`: looking into a field's texts."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sidecar.rules.columns import Columns
from sidecar.rules.expression.node import Matching
from sidecar.rules.expression.regex import compiled_regex
from sidecar.text.folding import MOST_CHARACTERS, SIGN, folded, spaced, words

Step = Callable[[Columns], Any]

MOST_REMEMBERED = 10_000
"""Texts of which a regular expression's answer is kept."""


def matched(how: Matching, name: str, text: str) -> Step:
    """Whether any text of the field matches."""
    if how == "contains":
        return _containing(name, text)
    if how == "starts_with":
        return _starting(name, folded(text))
    return _matching(name, text)


def _containing(name: str, text: str) -> Step:
    """The words one after the other in one text, folded as a query's; a single Chinese sign anywhere."""
    wanted = words(text)
    if not wanted or SIGN.fullmatch(wanted[-1]):
        # Signs are cut into pairs, and punctuation into nothing: these are looked for as they are.
        part = folded(text)
        return _any_text(name, lambda one: part in folded(one))
    needle = spaced(text)

    def step(columns: Columns) -> Any:
        return np.array([needle in line for line in columns.spaced_words(name)], np.bool_)

    return step


def _starting(name: str, start: str) -> Step:
    return _any_text(name, lambda one: folded(one).startswith(start))


def _matching(name: str, pattern: str) -> Step:
    search = compiled_regex(pattern).search
    remembered: dict[str, bool] = {}

    def holds(text: str) -> bool:
        known = remembered.get(text)
        if known is None:
            if len(remembered) >= MOST_REMEMBERED:
                remembered.clear()
            known = remembered[text] = search(text[:MOST_CHARACTERS]) is not None
        return known

    return _any_text(name, holds)


def _any_text(name: str, holds: Callable[[str], bool]) -> Step:
    def step(columns: Columns) -> Any:
        return np.array([any(map(holds, texts)) for texts in columns.texts(name)], np.bool_)

    return step
