"""One published version of the rules: what, by whom, why, and sealed together with all before it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = 1
"""Of a release's document. What the rules in it are written in has a format of its own."""

MOST_WHO, MOST_WHY = 256, 2000


class InvalidRelease(ValueError):
    """What is to be published lacks something; the message says what."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version as it was published. `number` counts from 1, `rules` is `RuleSet.to_json`.

    `when` is in seconds since 1970. `parent` is the number of the version before it (0: none) and
    `parent_seal` its seal. `rolled_back_to`: the version whose rules these are again. `seal` is a digest of
    all the others: whoever changes a version, or takes one out, breaks the seals of all after it.
    """

    number: int
    rules: str
    digest: str
    who: str
    why: str
    when: float
    parent: int
    parent_seal: str
    rolled_back_to: int | None
    seal: str

    @property
    def name(self) -> str:
        """How answers and people call it: the number, and the first digits of the rules' digest."""
        return f"{self.number}@{self.digest[:8]}"

    def to_document(self) -> dict[str, Any]:
        """What is kept of it."""
        return {"format": FORMAT, **asdict(self)}


@dataclass(frozen=True, slots=True)
class UnreadableRelease:
    """A version that is there and cannot be used: damaged, changed, or of a newer sidecar. `why` is for
    people. `seal` is what it says of itself, or ""; together with the number it tells two such apart."""

    number: int
    why: str
    seal: str = ""


Kept = Release | UnreadableRelease


def checked_who(who: str) -> str:
    """Who publishes, without spaces around it. Raises InvalidRelease for what a version does not take."""
    who = who.strip()
    if not 0 < len(who) <= MOST_WHO or not _is_unicode(who):
        raise InvalidRelease(f"say who publishes, in at most {MOST_WHO} characters of UTF-8")
    return who


def checked_why(why: str) -> str:
    """The same for the reason."""
    why = why.strip()
    if not 0 < len(why) <= MOST_WHY or not _is_unicode(why):
        raise InvalidRelease(f'say why, in at most {MOST_WHY} characters of UTF-8: --why "…"')
    return why


def released(
    parent: Kept | None, rules: str, *, who: str, why: str, when: float, rolled_back_to: int | None = None
) -> Release:
    """The version that follows `parent`. Raises InvalidRelease."""
    who, why = checked_who(who), checked_why(why)
    open_release = Release(
        number=parent.number + 1 if parent else 1,
        rules=rules,
        digest=digest_of(rules),
        who=who,
        why=why,
        when=when,
        parent=parent.number if parent else 0,
        parent_seal=parent.seal if parent else "",
        rolled_back_to=rolled_back_to,
        seal="",
    )
    return Release(**{**asdict(open_release), "seal": _seal(open_release)})


def digest_of(rules: str) -> str:
    """16 hex digits of a rule set's text; `RuleSet.digest` is the same."""
    # A version that was damaged may hold half a pair of surrogates; it is told, and not raised.
    return hashlib.sha256(rules.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_release(number: int, document: object) -> Kept:
    """The release of a document that is kept under a number; never raises."""
    if not isinstance(document, Mapping):
        return UnreadableRelease(number, f"damaged: not an object but {type(document).__name__}")
    seal = document.get("seal")
    # A seal is hex digits; anything else could not be printed, maybe.
    seal = seal if isinstance(seal, str) and seal.isascii() else ""
    if document.get("format") != FORMAT:
        return UnreadableRelease(
            number,
            f"written in format {document.get('format')!r}, and this sidecar reads format {FORMAT}: "
            "update the sidecar, or publish from this version",
            seal,
        )
    try:
        release = _typed(document)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        return UnreadableRelease(number, f"damaged: {error}", seal)
    if release.number != number:
        return UnreadableRelease(number, f"damaged: it says that it is number {release.number}", seal)
    if digest_of(release.rules) != release.digest or _seal(release) != release.seal:
        return UnreadableRelease(number, "changed after it was published: its seal is broken", seal)
    return release


def _typed(document: Mapping[str, Any]) -> Release:
    """Raises KeyError, TypeError, ValueError or OverflowError for what no release is made of."""
    kinds: dict[str, type | tuple[type, ...]] = {
        "number": int,
        "rules": str,
        "digest": str,
        "who": str,
        "why": str,
        "when": (int, float),
        "parent": int,
        "parent_seal": str,
        "rolled_back_to": (int, type(None)),
        "seal": str,
    }
    for name, kind in kinds.items():
        if name not in document:
            raise KeyError(f"`{name}` is missing")
        if not isinstance(document[name], kind) or isinstance(document[name], bool):
            raise TypeError(f"`{name}` is a {type(document[name]).__name__}")
    # An integer that is beyond all floats could not be sealed.
    float(document["when"])
    return Release(**{name: document[name] for name in kinds})


def _is_unicode(text: str) -> bool:
    """Whether a text has no halves of pairs of surrogates, which a terminal's bytes become where they are no
    UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _seal(release: Release) -> str:
    """64 hex digits over all but the seal itself; JSON, so that no two sets of values look alike."""
    sealed = asdict(release)
    del sealed["seal"]
    sealed["when"] = repr(float(release.when))
    text = json.dumps([FORMAT, sealed], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
