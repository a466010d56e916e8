"""Find the names of brands, categories, colours and sizes in a query."""

from dataclasses import dataclass

from sidecar.domain.understanding import Entity, EntityKind
from sidecar.ranking.understanding.lexicon import Lexicon
from sidecar.ranking.understanding.pieces import Pieces
from sidecar.ranking.understanding.spelling import MOST_WORDS_OF_A_QUERY
from sidecar.ranking.understanding.vocabulary import FEWEST_JOINED_LETTERS, Name, Vocabulary

CONFIDENCE_PER_EDIT = 0.85
SURE_SIZE = 0.95


@dataclass(frozen=True, slots=True)
class Found:
    """An entity by the pieces that it covers."""

    begin: int
    end: int
    kind: EntityKind
    value: str
    phrase: str
    distance: int
    confidence: float

    def entity(self, pieces: Pieces, *, negated: bool) -> Entity:
        """The entity by its tokens."""
        return Entity(
            self.kind,
            self.value,
            self.phrase,
            pieces.span(self.begin, self.end),
            self.distance,
            round(self.confidence, 4),
            negated,
        )


def corrected(pieces: Pieces, vocabulary: Vocabulary) -> tuple[list[str], list[int]]:
    """The pieces in the catalogue's spelling, and how many edits each took."""
    texts, edits = list(pieces.texts), [0] * len(pieces.texts)
    spelling = vocabulary.spelling
    if spelling is None:
        return texts, edits
    left = MOST_WORDS_OF_A_QUERY
    for place, word in enumerate(pieces.texts):
        if len(word) < 4 or pieces.signs[place] or not word.isalpha() or vocabulary.knows(word):
            continue
        texts[place], edits[place] = spelling.correction(word)
        left -= 1
        if not left:
            break
    return texts, edits


def find_entities(
    pieces: Pieces, texts: list[str], edits: list[int], vocabulary: Vocabulary, lexicon: Lexicon
) -> list[Found]:
    """The entities in the query's order, none over another; the longer and surer ones first come."""
    matches = _sizes(texts, lexicon)
    for begin, text in enumerate(texts):
        longest = vocabulary.longest_from(text)
        for end in range(begin + 1, min(begin + longest, len(texts)) + 1):
            phrase = pieces.phrase(begin, end, texts)
            name = vocabulary.name(phrase)
            if name is not None:
                matches.append(_match(name, begin, end, phrase, sum(edits[begin:end])))
        if begin + 1 < len(texts) and (apart := _written_apart(pieces, texts, begin, vocabulary)):
            matches.append(apart)
    matches.sort(key=lambda found: (found.begin - found.end, -found.confidence, found.begin))
    taken = [False] * len(texts)
    chosen = []
    for found in matches:
        if not any(taken[found.begin : found.end]):
            taken[found.begin : found.end] = [True] * (found.end - found.begin)
            chosen.append(found)
    if pieces.any_signs:
        chosen = [found for found in chosen if not _part_of_a_word(found, pieces, taken, lexicon)]
    return sorted(chosen, key=lambda found: found.begin)


def _match(name: Name, begin: int, end: int, phrase: str, distance: int) -> Found:
    confidence = name.confidence * CONFIDENCE_PER_EDIT**distance
    return Found(begin, end, name.kind, name.value, phrase, distance, confidence)


def _written_apart(pieces: Pieces, texts: list[str], begin: int, vocabulary: Vocabulary) -> Found | None:
    """`fox moor` for foxmoor."""
    joined = texts[begin] + texts[begin + 1]
    if pieces.signs[begin] or pieces.signs[begin + 1] or len(joined) < FEWEST_JOINED_LETTERS:
        return None
    name = vocabulary.name(joined)
    if name is None or not joined.isalpha() or vocabulary.name(f"{texts[begin]} {texts[begin + 1]}"):
        return None
    return _match(name, begin, begin + 2, joined, 1)


def _sizes(texts: list[str], lexicon: Lexicon) -> list[Found]:
    """`size 8`, `eu 42`, `42码`, and a letter at the end or behind the word size."""
    found = []
    last = len(texts) - 1
    for place, text in enumerate(texts):
        before = texts[place - 1] if place else ""
        if text[0].isdigit():
            if before in lexicon.size_words_before:
                found.append(_size(place - 1, place + 1, text, f"{before} {text}"))
            elif place < last and texts[place + 1] in lexicon.size_signs_behind:
                found.append(_size(place, place + 2, text, text + texts[place + 1]))
        elif text in lexicon.size_letters and place and not before[0].isdigit():
            if before == "size":
                found.append(_size(place - 1, place + 1, text, f"size {text}"))
            elif place == last:
                found.append(_size(place, place + 1, text, text, confidence=0.6))
    return found


def _size(begin: int, end: int, value: str, phrase: str, confidence: float = SURE_SIZE) -> Found:
    return Found(begin, end, EntityKind.SIZE, value, phrase, 0, confidence)


def _part_of_a_word(found: Found, pieces: Pieces, taken: list[bool], lexicon: Lexicon) -> bool:
    """Whether a single sign (蓝 in 蓝牙) seems to belong to a word that is no entity."""
    if found.end - found.begin > 1 or not pieces.signs[found.begin]:
        return False
    return any(
        0 <= beside < len(taken)
        and pieces.signs[beside]
        and not taken[beside]
        and pieces.texts[beside] not in lexicon.filler
        for beside in (found.begin - 1, found.end)
    )
