"""Find what a query does not want: without armrests, sugar-free, 不含酒精."""

from collections.abc import Mapping, Sequence

from sidecar.domain.understanding import EntityKind
from sidecar.ranking.understanding.entities import Found
from sidecar.ranking.understanding.lexicon import Lexicon, Phrases
from sidecar.ranking.understanding.pieces import Pieces

MOST_WORDS = 3
MOST_SIGNS = 4
OF_ONE_THING = frozenset({"no", "non", "无", "非", "免"})
"""They belong to the one word or sign behind them (no sugar cookies, 无糖饼干), or to a whole name."""

JOINING = frozenset({"or", "and", "nor", "和", "或"})

Places = tuple[int, int]
"""From the first piece to before the last."""


def find_unwanted(
    pieces: Pieces, entities: Sequence[Found], lexicon: Lexicon
) -> tuple[list[Places], set[int]]:
    """The runs of pieces that are not wanted, and the places of the words that said so."""
    texts = pieces.texts
    idioms = set(_covered(pieces, lexicon.negation_never))
    begins = {found.begin: found for found in entities}
    inside = {place for found in entities for place in range(found.begin + 1, found.end)}
    unwanted: list[Places] = []
    words: set[int] = set()
    place = 0
    while place < len(texts):
        if place in idioms or place in inside or place in begins:
            place += 1
            continue
        if place and texts[place] in lexicon.negation_behind and place - 1 not in words:
            begin = next((f.begin for f in entities if f.end == place), place - 1)
            unwanted.append((begin, place))
            words.add(place)
            place += 1
            continue
        length = _longest_at(pieces, place, lexicon.negation_before)
        if not length:
            place += 1
            continue
        begin = place + length
        end = _end_of_scope(pieces, begin, begins, lexicon, pieces.phrase(place, begin))
        if end > begin:
            words.update(range(place, begin))
            unwanted.append((begin, end))
        place = max(end, begin)
    return unwanted, words


def _end_of_scope(
    pieces: Pieces, begin: int, begins: Mapping[int, Found], lexicon: Lexicon, negation: str
) -> int:
    """Where the words that are not wanted end: a name and the names joined to it by `or`, or a word.

    What remains up to the end or a word like `with` belongs to it (led lamp, memory foam), if it is short and
    says nothing of colour, brand, size or number; not behind `no` and 无, which belong to one thing.
    """
    texts = pieces.texts
    end = _names(texts, begin, begins)
    joined = end > begin and any(text in JOINING for text in texts[begin:end])
    rest = begin
    while rest < len(texts) and texts[rest] not in lexicon.negation_until:
        rest += 1
    if end == begin and rest > begin:
        end = begin + 1
    if joined or negation in OF_ONE_THING:
        return end
    if pieces.signs[begin] if begin < len(texts) else False:
        # 不含糖饼干: signs up to the next name.
        following = [place for place in begins if end <= place < rest]
        return end if begin in begins else min([*following, begin + MOST_SIGNS, rest])
    tells_more = any(
        texts[place][0].isdigit() or (place in begins and begins[place].kind is not EntityKind.CATEGORY)
        for place in range(end, rest)
    )
    return rest if rest - begin <= MOST_WORDS and not tells_more else end


def _names(texts: Sequence[str], begin: int, begins: Mapping[int, Found]) -> int:
    """The end of the names that begin here, joined by `or`; `begin` where none does."""
    end = begin
    while end in begins:
        end = begins[end].end
        if not (end + 1 < len(texts) and texts[end] in JOINING and end + 1 in begins):
            break
        end += 1
    return end


def _covered(pieces: Pieces, phrases: Phrases) -> list[int]:
    covered: list[int] = []
    for place in range(len(pieces.texts)):
        length = _longest_at(pieces, place, phrases)
        covered.extend(range(place, place + length))
    return covered


def _longest_at(pieces: Pieces, place: int, phrases: Phrases) -> int:
    """How many pieces the longest of the phrases that begins here has; 0: none does."""
    for end in range(min(place + phrases.longest, len(pieces.texts)), place, -1):
        if pieces.phrase(place, end) in phrases.phrases:
            return end - place
    return 0
