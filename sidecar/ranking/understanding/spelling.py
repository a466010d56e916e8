"""Find the known word that a misspelt one stands for."""

from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
TWO_ERRORS_FROM = 8
MOST_CANDIDATES = 100_000
MOST_WORDS_OF_A_QUERY = 4
"""So many words of one query are looked up; the rest stay as they are."""


class Spelling:
    """Known words, looked up by the letters that shoppers rarely get wrong: the first one, and the length.

    Edits are insertions, deletions, substitutions and swapped neighbours (optimal string alignment): one in
    words of 4 to 7 letters, two in longer ones. A first letter may only be swapped with the second.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        """`words` with their frequency; beyond `MOST_CANDIDATES` the rarest are left out."""
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
        limit = 2 if len(word) >= TWO_ERRORS_FROM else 1
        best: tuple[int, int, str] | None = None
        for letter in dict.fromkeys(word[:2]):
            for length in range(len(word) - limit, len(word) + limit + 1):
                shelf = self._shelves.get((letter, length))
                if not shelf:
                    continue
                for near, distance, _ in process.extract(
                    word, shelf, scorer=OSA.distance, score_cutoff=limit, limit=5
                ):
                    if near[0] != word[0] and (near[0] != word[1] or near[1] != word[0]):
                        continue
                    found = (int(distance), -self._counts[near], near)
                    if best is None or found < best:
                        best = found
        return (best[2], best[0]) if best else (word, 0)
