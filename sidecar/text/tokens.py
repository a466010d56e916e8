"""The tokens of a text as query understanding and the features compare them.

In the spirit of the index's analyzer (sidecar/opensearch/product_index.yml): compatible forms of letters,
lower case, no possessive 's, light plural folding, Chinese, Japanese and Korean by pairs of signs. Beyond it:
accents are dropped from Latin letters, and a number stands apart from its unit.
"""

import re
import unicodedata
from collections.abc import Iterator

from sidecar.text.plural import singular

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

# 12" is 12 in and 6' is 6 ft, unless the sign closes a quotation.
INCHES = re.compile(r'"[^\W\d][^"]*"|(?P<number>(?<=\d)\s?(?:"|\'\'))')
FEET = re.compile(r"(?<=\d)'(?!\w)")
# 1/2 is 0.5 and 1-1/4 is 1.25, as far as measures are so written.
FRACTION = re.compile(r"(?<![\d/.])(?:(\d{1,3})[\s-])?(\d{1,2})/(2|3|4|5|8|16|32|64)(?![\d/])")
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
_MARKS = {
    **dict.fromkeys("\u2018\u2019\u02bc\u00b4\u2032", "'"),
    **dict.fromkeys("\u201c\u201d\u2033", '"'),
    "\u2044": "/",
}
# Accents that no letter took in: left there, they would join the plain letter that folding leaves.
_ACCENTS: dict[int, None] = dict.fromkeys(range(0x300, 0x370))
_TABLE = _FOLDED | {ord(sign): plain for sign, plain in _MARKS.items()} | _ACCENTS


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
    text = _tidied(text)
    if text.isascii():
        return [singular(word) if word[-1] == "s" else word for word in ASCII_TOKEN.findall(text)]
    found: list[str] = []
    for run, signs in runs(text, tidy=True):
        if signs:
            found.extend(pairs(run))
        else:
            found.append(run)
    return found


def runs(text: str, *, tidy: bool = False) -> Iterator[tuple[str, bool]]:
    """Each folded word or number, and each whole run of signs with True. `text` is normalised."""
    for match in TOKEN.finditer(text if tidy else _tidied(text)):
        word = match.group()
        if match.lastgroup is not None:
            yield word, True
        else:
            yield (singular(word) if word[-1] == "s" else word), False


def pairs(signs: str) -> list[str]:
    """A run of signs by pairs; a single sign alone."""
    if len(signs) == 1:
        return [signs]
    return [signs[place : place + 2] for place in range(len(signs) - 1)]


def _tidied(text: str) -> str:
    """Inches and feet spelt out, apostrophes gone, fractions as decimals, thousands without commas."""
    if '"' in text or "''" in text:
        text = INCHES.sub(_spelt_inches, text)
    if "'" in text:
        text = APOSTROPHE.sub("", FEET.sub(" ft ", text))
    if "/" in text:
        text = FRACTION.sub(_spelt_fraction, text)
    if "," in text:
        text = THOUSANDS.sub("", text)
    return text


def _spelt_inches(match: re.Match[str]) -> str:
    return " in " if match.lastgroup else match.group()


def _spelt_fraction(match: re.Match[str]) -> str:
    whole, over, under = (int(part or 0) for part in match.groups())
    return f"{whole + over / under:.4g}" if over < under else match.group()
