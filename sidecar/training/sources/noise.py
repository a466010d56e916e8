"""What shoppers do to the words of a product: drop some, swap some, mistype, and not mind the plural."""

from dataclasses import dataclass
from random import Random

from sidecar.training.words import is_cjk, singular

SHORTEST_MISTYPED = 5


@dataclass(frozen=True)
class Noise:
    """How likely each is: for a word to be dropped, for two neighbours to be swapped, for one word of the
    query to be mistyped, and for a word's plural to be toggled."""

    dropped: float = 0.1
    swapped: float = 0.08
    mistyped: float = 0.06
    plural: float = 0.1


def noisy(random: Random, query: list[str], noise: Noise) -> list[str]:
    """The words of a query as somebody might type them; never none. Depends on `random` alone."""
    kept = [word for word in query if random.random() >= noise.dropped] or query[:1]
    if len(kept) > 1 and random.random() < noise.swapped:
        at = random.randrange(len(kept) - 1)
        kept[at], kept[at + 1] = kept[at + 1], kept[at]
    kept = [toggled(word) if random.random() < noise.plural else word for word in kept]
    long = [at for at, word in enumerate(kept) if len(word) >= SHORTEST_MISTYPED and word.isalpha()]
    if long and random.random() < noise.mistyped:
        at = random.choice(long)
        kept[at] = mistyped(random, kept[at])
    return kept


def toggled(word: str) -> str:
    """The other number of an English word; anything else stays."""
    if is_cjk(word) or not word.isalpha() or len(word) < 3:
        return word
    return one if (one := singular(word)) != word else f"{word}s"


def mistyped(random: Random, word: str) -> str:
    """One slip inside a word: two letters swapped, one left out or one doubled. Its first letter is right."""
    if is_cjk(word):
        return word
    at = random.randrange(1, len(word) - 1)
    slip = random.randrange(3)
    if slip == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if slip == 1:
        return word[:at] + word[at + 1 :]
    return word[: at + 1] + word[at:]
