"""Find the known word that a misspelt one stands for."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
TWO_ERRORS_FROM = 8
TWO_VOWELS_FROM = 5
VOWELS = str.maketrans("", "", "aeiouy")
MOST_CANDIDATES = 100_000
MOST_WORDS_OF_A_QUERY = 4
"""So many words of one query are looked up; the rest stay as they are."""


class Spelling:
    """Known words, looked up by the letters that shoppers rarely get wrong: the first one, and the length.

    Edits are insertions, deletions, substitutions and swapped neighbours (optimal string alignment): one in
    words of 4 to 7 letters, two in longer ones and where only vowels are wrong (sandle). A first letter may
    only be swapped with the second, and two letters more or fewer at the end make another word (gardener).
    """

    def __init__(self, words: Mapping[str, int], names: AbstractSet[str]) -> None:
        """`words` with their frequency; beyond `MOST_CANDIDATES` the rarest are left out.

        `names` are those of them that brands, categories, colours and sizes are made of. The others are
        here to be taken for themselves; wrong vowels are not looked for in them.
        """
        self._names = names
        usable = [word for word in words if len(word) >= SHORTEST - 1 and word.isascii() and word.isalpha()]
        usable.sort(key=lambda word: (-words[word], word))
        self._counts = {word: words[word] for word in usable[:MOST_CANDIDATES]}
        self._shelves: dict[tuple[str, int], list[str]] = {}
        for word in self._counts:
            self._shelves.setdefault((word[0], len(word)), []).append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._counts

    def correction(self, word: str) -> tuple[str, int]:
        """The known word and its distance; the word itself and 0 where none is near.

        The nearest wins, then the commoner one, then the alphabet.
        """
        if not (word.isascii() and word.isalpha() and len(word) >= SHORTEST):
            return word, 0
        limit = 2 if len(word) >= TWO_VOWELS_FROM else 1
        best: tuple[int, int, str] | None = None
        for letter in dict.fromkeys(word[:2]):
            for length in range(len(word) - limit, len(word) + limit + 1):
                shelf = self._shelves.get((letter, length))
                if not shelf:
                    continue
                for near, distance, _ in process.extract(
                    word, shelf, scorer=OSA.distance, score_cutoff=limit, limit=5
                ):
                    if not self._likely(word, near, int(distance)):
                        continue
                    found = (int(distance), -self._counts[near], near)
                    if best is None or found < best:
                        best = found
        return (best[2], best[0]) if best else (word, 0)

    def _likely(self, word: str, near: str, distance: int) -> bool:
        """Whether somebody who means `near` types `word`."""
        if near[0] != word[0] and (near[0] != word[1] or near[1] != word[0]):
            return False
        if distance < 2:
            return True
        if near.startswith(word) or word.startswith(near):
            return False
        vowels = near in self._names and word.translate(VOWELS) == near.translate(VOWELS)
        return vowels or len(word) >= TWO_ERRORS_FROM
