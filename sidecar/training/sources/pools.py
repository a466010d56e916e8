"""Lists made from pools: products that were once judged or shown together, their query forgotten.

What most of a pool share tells what it was asked with ("murphy bed queen", "pvc inch coupling").
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pydantic import Field

from sidecar.config.strict import Strict
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.training.catalogue import Catalogue
from sidecar.training.errors import TrainingError
from sidecar.training.lists import TrainingList
from sidecar.training.sources.completed import Against, completed
from sidecar.training.sources.noise import Noise, noisy
from sidecar.training.sources.titles import SMALL_WORDS, joined
from sidecar.training.words import is_cjk, singular, words

SHOWN = 20


class Pools(Strict):
    """How many lists a pool gives and what is in one."""

    smallest: int = Field(default=7, ge=2)
    lists_a_pool: int = Field(default=3, ge=0)
    positives: int = Field(default=4, ge=1, le=64)
    negatives: int = Field(default=8, ge=0, le=64)
    negatives_among: int = Field(default=60, ge=1)
    at_random: int = Field(default=2, ge=0, le=64)
    unknown: int = Field(default=0, ge=0, le=64, description="more of BM25's best, for the teacher to judge")
    shared_by: float = Field(default=0.35, gt=0, le=1)
    noise: float = Field(default=0.5, ge=0, le=5)


@dataclass(frozen=True)
class Pool:
    """Known products that belong together; `line` is where they stand in the file."""

    line: int
    products: Sequence[str]


@dataclass(frozen=True)
class PoolFile:
    """The pools of a file, and what could not be used, with its line."""

    pools: Sequence[Pool]
    problems: Sequence[str]
    unknown_products: int


def load_pools(path: Path, catalogue: Catalogue) -> PoolFile:
    """Pools of a JSON-lines file of `{"pool": NAME, "products": [ID, …]}`.

    Raises TrainingError naming every bad line. Products that the catalogue lacks are told and left out.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read: {error.strerror or error}.") from error
    pools: list[Pool] = []
    problems: list[str] = []
    wrong: list[str] = []
    unknown = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            products = _parse(line)
        except ValueError as error:
            wrong.append(f"{path.name}:{number}: {error}")
            continue
        known = [product for product in dict.fromkeys(products) if product in catalogue]
        if missing := len(set(products)) - len(known):
            unknown += missing
            problems.append(f"line {number}: {missing} products unknown")
        pools.append(Pool(number, known))
    if wrong:
        more = [f"… and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise TrainingError("\n".join([f"{len(wrong)} bad lines:", *wrong[:SHOWN], *more]))
    return PoolFile(pools, problems, unknown)


def _parse(line: bytes) -> list[str]:
    try:
        data = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start + 1} of the line)") from None
    products = data.get("products") if isinstance(data, dict) else None
    if not isinstance(products, list) or not all(isinstance(product, str) for product in products):
        raise ValueError('expected {"pool": NAME, "products": [ID, …]}')
    return products


def judged_together(pool: Pool, queries: Sequence[JudgedQuery]) -> bool:
    """Whether most of a pool was judged for one of these queries: most likely the pool is that query's."""
    return any(
        sum(product in query.labels for product in pool.products) > len(pool.products) / 2
        for query in queries
    )


def pool_lists(catalogue: Catalogue, pools: Sequence[Pool], settings: Pools, seed: int) -> list[TrainingList]:
    """Up to `lists_a_pool` lists of every pool that is large enough and whose products share words."""
    random = Random(f"pools {seed}")  # noqa: S311
    rarity = Rarity(catalogue)
    lists: list[TrainingList] = []
    for pool in pools:
        if len(pool.products) < settings.smallest:
            continue
        places = [catalogue.place[product] for product in pool.products]
        shared = rarity.shared(places, settings.shared_by)
        tries = settings.lists_a_pool if len(shared) > 1 else 0
        made = [
            _list(random, catalogue, places, rarity.asked(random, shared), rarity, settings)
            for _ in range(tries)
        ]
        lists += [found for found in made if found is not None]
    return lists


class Rarity:
    """How telling a word is among a catalogue's titles, and what a group of titles has in common."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._words = [
            words(f"{catalogue.field(place, 'title')} {catalogue.field(place, 'brand')}")
            for place in range(len(catalogue))
        ]
        self.stems = [frozenset(map(singular, found)) for found in self._words]
        count = Counter(stem for found in self.stems for stem in found)
        self.idf = {stem: math.log((1 + len(catalogue)) / (0.5 + n)) for stem, n in count.items()}

    def shared(self, places: Sequence[int], share: float) -> dict[str, float]:
        """Stem → weight (share of the titles × idf) of what at least `share` of them hold, best first."""
        count = Counter(stem for place in places for stem in self.stems[place])
        found = {
            stem: n / len(places) * self.idf[stem]
            for stem, n in count.items()
            if n >= max(2.0, share * len(places)) and stem not in SMALL_WORDS
        }
        best = sorted(found.items(), key=lambda item: -item[1])[:6]
        self._forms = self._spelt([stem for stem, _ in best], places)
        return dict(best)

    def _spelt(self, stems: Sequence[str], places: Sequence[int]) -> dict[str, tuple[float, str]]:
        """Stem → its usual place in the titles and its usual form."""
        forms: dict[str, tuple[float, str]] = {}
        for stem in stems:
            seen = Counter(word for p in places for word in self._words[p] if singular(word) == stem)
            positions = [
                self._words[p].index(word) for p in places for word in seen if word in self._words[p]
            ]
            forms[stem] = (sum(positions) / len(positions), seen.most_common(1)[0][0])
        return forms

    def asked(self, random: Random, shared: Mapping[str, float]) -> list[tuple[str, str]]:
        """(stem, word) of 2 to 4 of the shared words, the telling ones more often, in the titles' order."""
        count = min(len(shared), random.choice((2, 3, 3, 4)))
        left = dict(shared)
        chosen: list[str] = []
        while len(chosen) < count:
            stem = random.choices(list(left), [weight**2 for weight in left.values()])[0]
            chosen.append(stem)
            del left[stem]
        chosen.sort(key=lambda stem: self._forms[stem][0])
        return [(stem, self._forms[stem][1]) for stem in chosen]


def _list(
    random: Random,
    catalogue: Catalogue,
    places: Sequence[int],
    asked: Sequence[tuple[str, str]],
    rarity: Rarity,
    settings: Pools,
) -> TrainingList | None:
    usual = Noise(
        mistyped=0.06 * settings.noise, dropped=0, swapped=0.16 * settings.noise, plural=0.2 * settings.noise
    )
    query = joined(noisy(random, [word for _, word in asked], usual))
    wanted = {stem for stem, _ in asked if not is_cjk(stem)} or {stem for stem, _ in asked}
    full = [place for place in places if wanted <= rarity.stems[place]]
    right = random.sample(full, min(settings.positives, len(full)))
    against = Against(settings.negatives, settings.negatives_among, settings.at_random, settings.unknown)
    members = frozenset(places)
    return completed(random, catalogue, query, right, against, spared=members.__contains__, source="pools")
