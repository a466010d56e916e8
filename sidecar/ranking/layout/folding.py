"""How words of vocabularies of their own, in rules and in searches, are made comparable."""

Tokens = tuple[str, ...]


def word(text: str) -> str:
    """A word of a vocabulary of its own (a segment, a device, an arm) as such words are compared."""
    return text.strip().casefold()


def locale(text: str) -> str:
    """`en_GB` and `en-gb` are one."""
    return text.strip().replace("_", "-").casefold()
