"""The words of a text as the product index sees them: widths, case, light plural stems, CJK pairs."""

import re
import unicodedata
from collections.abc import Iterator

CJK = "぀-ヿ㐀-䶿一-鿿豈-﫿가-힯"
RUNS = re.compile(rf"([{CJK}]+)|([^\W_]+(?:['’.,][^\W_]+)*)")
POSSESSIVE = re.compile(r"['’]s$")


def words(text: str) -> list[str]:
    """Lower-case words in order, unstemmed; a run of Chinese, Japanese or Korean signs is one word."""
    return [run.group() for run in RUNS.finditer(folded(text))]


def folded(text: str) -> str:
    """One spelling for what looks the same: compatibility forms, lower case, no doubled spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def is_cjk(word: str) -> bool:
    """Whether a word of `words` is a run of CJK signs."""
    return bool(re.match(f"[{CJK}]", word))


def terms(text: str, *, query: bool = False) -> Iterator[str]:
    """What is indexed of a text; of a query, CJK runs give pairs only, as in product_index.yml."""
    for word in words(text):
        if not is_cjk(word):
            yield singular(POSSESSIVE.sub("", word))
            continue
        if len(word) == 1 or not query:
            yield from word
        yield from (word[at : at + 2] for at in range(len(word) - 1))


def singular(word: str) -> str:
    """Lucene's light English plural stemmer in short: couches → couch, berries → berry, glass stays."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]
