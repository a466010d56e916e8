"""What may be wrong with the words of a judged query."""

import unicodedata

REPLACEMENT = "\ufffd"


def damage(text: str) -> str:
    """Why the text cannot be a query; empty if it can."""
    if not text.strip():
        return "is empty"
    if REPLACEMENT in text:
        return "holds U+FFFD: the file was once read in another encoding. Export it again as UTF-8"
    if any(unicodedata.category(letter) == "Cs" for letter in text):
        return "holds half of a surrogate pair"
    if "\0" in text:
        return "holds a NUL"
    return ""


def doubt(text: str) -> str:
    """What looks wrong about a text that can be a query; empty if nothing does."""
    meant = _decoded_again(text)
    return f"looks like UTF-8 that was read as Windows-1252 (meant: {meant!r}?)" if meant else ""


def same_words(text: str) -> str:
    """Equal for texts that differ in case, width or spaces only."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _decoded_again(text: str) -> str:
    """The text as it was meant if it was decoded as Windows-1252 instead of UTF-8; empty if it was not."""
    if text.isascii():
        return ""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return ""
