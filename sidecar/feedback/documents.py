"""JSON documents one after the other, or in one array: as they come, without reading all at once."""

import json
import re
from collections.abc import Iterator
from typing import Any

from sidecar.feedback.told import Wrong

BLANK = re.compile(r"\s*")
DECODE = json.JSONDecoder().raw_decode


def documents(text: str) -> Iterator[tuple[Any, int]]:
    """Each document with its length in characters; a Wrong in place of one that is no JSON.

    `text` is one document, several with blanks between them (NDJSON), or one array of them. After a broken
    line the next one is read; a broken array ends there.
    """
    at = _past_blanks(text, 0)
    if text.startswith("[", at):
        yield from _array(text, at + 1)
        return
    while at < len(text):
        value, end = _decoded(text, at)
        if end:
            yield value, end - at
        else:
            yield value, 0
            end = text.find("\n", at)
            if end < 0:
                return
        at = _past_blanks(text, end)


def _array(text: str, at: int) -> Iterator[tuple[Any, int]]:
    at = _past_blanks(text, at)
    if text.startswith("]", at):
        yield from _rest(text, at + 1)
        return
    while True:
        value, end = _decoded(text, at)
        yield value, end - at if end else 0
        if not end:
            return
        at = _past_blanks(text, end)
        if text.startswith("]", at):
            yield from _rest(text, at + 1)
            return
        if not text.startswith(",", at):
            yield Wrong("", f"not JSON: expected `,` or `]` at character {at}; the rest was not read"), 0
            return
        at = _past_blanks(text, at + 1)


def _rest(text: str, at: int) -> Iterator[tuple[Any, int]]:
    at = _past_blanks(text, at)
    if at < len(text):
        yield Wrong("", f"not JSON: something follows the array at character {at}; it was not read"), 0


def _decoded(text: str, at: int) -> tuple[Any, int]:
    """The document at a place, and where it ends; a Wrong and 0 where there is none."""
    try:
        return DECODE(text, at)
    except json.JSONDecodeError as error:
        return Wrong("", f"not JSON: {error.msg} at character {error.pos}"), 0
    except (ValueError, RecursionError):
        # A number of thousands of digits, lists of lists of lists.
        return Wrong("", f"not JSON that can be read, at character {at}"), 0


def _past_blanks(text: str, at: int) -> int:
    found = BLANK.match(text, at)
    return found.end() if found else at
