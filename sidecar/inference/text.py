"""Make any text safe to tokenise."""

from collections.abc import Sequence

from .job import Text

CHARACTERS_A_TOKEN = 32
"""Text beyond max_length × this is cut before tokenising, so that a megabyte costs what a page costs."""


def clean(text: Text, max_characters: int) -> str:
    """`text` as valid Unicode of at most `max_characters`: invalid UTF-8 and lone surrogates are replaced."""
    if isinstance(text, bytes):
        # Four bytes hold at least one character; the cut may split one, which is then replaced.
        return text[: 4 * max_characters].decode("utf-8", "replace")[:max_characters]
    text = text[:max_characters]
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def clean_all(texts: Sequence[Text], max_characters: int) -> list[str]:
    """Each text made safe; a repeated one (the query) is only looked at once."""
    seen: dict[Text, str] = {}
    cleaned = []
    for text in texts:
        if text not in seen:
            seen[text] = clean(text, max_characters)
        cleaned.append(seen[text])
    return cleaned
