"""The queries to audit: the most frequent ones of a file."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sidecar.config.errors import ConfigurationError
from sidecar.feedback.event_files import read_file


def top_queries(path: Path, most: int) -> list[str]:
    """The `most` frequent queries of a file, most frequent first, equally frequent ones in its order.

    NDJSON (plain or gzipped) with a `user_query` (UBI's queries, exports of `reshelf served`) or a `query`
    (judgments) in each line; or plain text, one query a line. Case and spacing do not tell queries apart.
    Raises ConfigurationError.
    """
    try:
        counts: Counter[str] = Counter()
        spelt: dict[str, str] = {}
        for text in _texts(path):
            key = " ".join(text.casefold().split())
            if key:
                counts[key] += 1
                spelt.setdefault(key, " ".join(text.split()))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}.") from error
    if not counts:
        raise ConfigurationError(
            f"{path}: no queries. Expected are lines of text, or of JSON with `user_query` or `query`."
        )
    return [spelt[key] for key, _ in counts.most_common(most)]


def _texts(path: Path) -> Iterator[str]:
    if not _is_json(path):
        yield from path.read_text(encoding="utf-8-sig").splitlines()
        return
    for line in read_file(path):
        document = line.document
        if not isinstance(document, dict):
            continue
        text = document.get("user_query") or document.get("query")
        if isinstance(text, str):
            yield text


def _is_json(path: Path) -> bool:
    """By the first sign, or because it is packed."""
    with path.open("rb") as file:
        begin = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    return begin[:2] == b"\x1f\x8b" or begin[:1] in (b"{", b"[")
