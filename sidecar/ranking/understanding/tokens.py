"""The tokens of a text as query understanding and the features compare them.

In the spirit of the index's analyzer (sidecar/opensearch/product_index.yml): compatible forms of letters,
lower case, no possessive 's, light plural folding, Chinese, Japanese and Korean by pairs of signs. Beyond it:
accents are dropped from Latin letters, and a number stands apart from its unit.
"""

import re
import unicodedata

from sidecar.ranking.understanding.plural import singular

# A number; the x of 8x10; a word; a model's name of one or two letters first (b12); a short word.
ASCII_TOKEN = re.compile(r"\d+(?:\.\d+)?|(?<=\d)x(?=\d)|[a-z]{3,}|[a-z]{1,2}\d[a-z0-9]*|[a-z]+")

CJK = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# Vowel signs and accents belong to their word; to Python's \w they do not.
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f"
TOKEN = re.compile(
    rf"(?P<signs>[{CJK}]+)|\d+(?:\.\d+)?|(?<=\d)x(?=\d)|[a-z]{{3,}}+(?![^\W\d_a-z{CJK}])"
    rf"|[a-z]{{1,2}}\d[a-z0-9]*|(?:(?![{CJK}])[^\W\d_]|[{MARKS}])+"
)

APOSTROPHE = re.compile(r"(?<=[^\W\d_])(?:'s\b|'(?=[^\W\d_]))")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")

# For the letters that no decomposition makes plain.
_PLAIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
_FOLDED = {ord(letter): plain for letter, plain in _PLAIN.items()} | {
    code: unicodedata.normalize("NFD", chr(code))[0]
    for block in (range(0xC0, 0x250), range(0x1E00, 0x1F00))
    for code in block
    if unicodedata.normalize("NFD", chr(code))[0].isascii()
}
_APOSTROPHES = {ord(sign): "'" for sign in "\u2018\u2019\u02bc\u00b4\uff07"} | {0x2044: "/"}
_TABLE = _FOLDED | _APOSTROPHES


def normalised(text: str) -> str:
    """Compatible forms of letters, lower case, plain Latin letters and apostrophes; spaces as they are."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).lower().translate(_TABLE)


def tokens(text: str) -> list[str]:
    """The words, numbers and pairs of signs, in the text's order.

    `Men's 12in PANS` → men, 12, in, pan; `iphone12` → iphone, 12; `b12` → b12; `红色沙发` → 红色, 色沙, 沙发.
    A sign that stands alone is a token.
    """
    return tokens_of_normalised(normalised(text))


def tokens_of_normalised(text: str) -> list[str]:
    """The tokens of a text that went through `normalised`."""
    if "'" in text:
        text = APOSTROPHE.sub("", text)
    if "," in text:
        text = THOUSANDS.sub("", text)
    if text.isascii():
        return [singular(word) if word[-1] == "s" else word for word in ASCII_TOKEN.findall(text)]
    found: list[str] = []
    for match in TOKEN.finditer(text):
        word = match.group()
        if match.lastgroup is None:
            found.append(singular(word) if word[-1] == "s" else word)
        else:
            found.extend(pairs(word))
    return found


def pairs(signs: str) -> list[str]:
    """A run of signs by pairs; a single sign alone."""
    if len(signs) == 1:
        return [signs]
    return [signs[place : place + 2] for place in range(len(signs) - 1)]
