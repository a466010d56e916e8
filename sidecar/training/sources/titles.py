"""Lists made from single products: a query such as a shopper after it might type, against its rivals."""

import re
from random import Random

from pydantic import Field

from sidecar.config.strict import Strict
from sidecar.training.catalogue import Catalogue
from sidecar.training.lists import TrainingList
from sidecar.training.sources.completed import Against, completed
from sidecar.training.sources.noise import Noise, noisy
from sidecar.training.words import CJK, folded, is_cjk, singular, words

FIRST_CLAUSE = re.compile(r"\s[-–—|]\s|[,;|(\[]|\s{2,}")
SMALL_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
)
SIGNS_A_WORD = 2  # most Chinese words have two signs


class Titles(Strict):
    """How many lists of this kind a run gets and what is in one."""

    lists: int = Field(default=1500, ge=0)
    negatives: int = Field(default=5, ge=0, le=64)
    negatives_among: int = Field(default=50, ge=1)
    at_random: int = Field(default=1, ge=0, le=64)
    unknown: int = Field(default=0, ge=0, le=64, description="more of BM25's best, for the teacher to judge")
    brand_dropped: float = Field(default=0.7, ge=0, le=1)
    attribute_added: float = Field(default=0.15, ge=0, le=1)
    category: float = Field(default=0.15, ge=0, le=1)
    twin_similarity: float = Field(default=0.7, gt=0, le=1)
    noise: float = Field(default=1.0, ge=0, le=5)


def title_lists(catalogue: Catalogue, settings: Titles, seed: int) -> list[TrainingList]:
    """`settings.lists` lists, the same for the same catalogue and seed; no words, no list."""
    random = Random(f"titles {seed}")  # noqa: S311
    twins = Twins(catalogue, settings.twin_similarity)
    lists: list[TrainingList] = []
    order: list[int] = []
    for _ in range(10 * settings.lists):
        if len(lists) == settings.lists:
            break
        if not order:
            order = random.sample(range(len(catalogue)), len(catalogue))
        anchor = order.pop()
        query = synthesised(random, catalogue, anchor, settings)
        if query and (made := _list(random, catalogue, twins, anchor, query, settings)):
            lists.append(made)
    return lists


def synthesised(random: Random, catalogue: Catalogue, place: int, settings: Titles) -> str:
    """A query that a product answers, empty where the product has no words to make one of."""
    brand = set(words(catalogue.field(place, "brand")))
    if random.random() < settings.category and (leaf := _leaf(catalogue, place)):
        said = [word for word in words(leaf) if word not in SMALL_WORDS][:3]
        clause = [word for word in _first_clause(catalogue, place) if word not in said]
        if clause and random.random() < 0.6:
            said = [random.choice(clause), *said]
    else:
        said = _chunk(random, _first_clause(catalogue, place), brand, settings.brand_dropped)
    color = words(catalogue.field(place, "color"))
    if said and 0 < len(color) <= 2 and random.random() < settings.attribute_added and color[0] not in said:
        said = [color[0], *said]
    return joined(noisy(random, said, _scaled(settings.noise))) if said else ""


def joined(said: list[str]) -> str:
    """Words as one types them: with spaces, but not between CJK signs."""
    return re.sub(rf"(?<=[{CJK}]) (?=[{CJK}])", "", " ".join(said))


def _first_clause(catalogue: Catalogue, place: int) -> list[str]:
    title = catalogue.field(place, "title")
    clause = FIRST_CLAUSE.split(title)[0]
    found = words(clause) if len(words(clause)) > 1 else words(title)[:12]
    return [part for word in found for part in (_pieces(word) if is_cjk(word) else [word])]


def _pieces(run: str) -> list[str]:
    return [run[at : at + SIGNS_A_WORD] for at in range(0, len(run), SIGNS_A_WORD)]


def _chunk(random: Random, clause: list[str], brand: set[str], brand_dropped: float) -> list[str]:
    if random.random() < brand_dropped:
        clause = [word for word in clause if word not in brand] or clause
    length = random.choice((2, 2, 3, 3, 3, 4, 4, 5))
    begin = random.randrange(max(1, len(clause) - length + 1))
    chunk = clause[begin : begin + length]
    while chunk and chunk[-1] in SMALL_WORDS:
        chunk.pop()
    while chunk and chunk[0] in SMALL_WORDS:
        chunk.pop(0)
    return chunk


def _leaf(catalogue: Catalogue, place: int) -> str:
    path = catalogue.products[place].document.get("category")
    if isinstance(path, list):
        return str(path[-1]) if path else ""
    return re.split(r"[>/›]", str(path or ""))[-1]


def _scaled(by: float) -> Noise:
    usual = Noise()
    return Noise(
        *(min(1.0, by * chance) for chance in (usual.dropped, usual.swapped, usual.mistyped, usual.plural))
    )


class Twins:
    """Products that are nearly the same: sizes and colours of one model, or one thing listed twice."""

    def __init__(self, catalogue: Catalogue, similarity: float) -> None:
        self._titles = [
            frozenset(singular(word) for word in words(catalogue.field(place, "title")))
            for place in range(len(catalogue))
        ]
        self._similarity = similarity

    def near(self, one: int, other: int) -> bool:
        """Whether the titles share most of their words (Jaccard)."""
        a, b = self._titles[one], self._titles[other]
        return len(a & b) >= self._similarity * max(1, len(a | b))


def _list(
    random: Random, catalogue: Catalogue, twins: Twins, anchor: int, query: str, settings: Titles
) -> TrainingList | None:
    def spared(place: int) -> bool:
        return place == anchor or twins.near(anchor, place)

    against = Against(settings.negatives, settings.negatives_among, settings.at_random, settings.unknown)
    return completed(random, catalogue, folded(query), [anchor], against, spared=spared, source="titles")
