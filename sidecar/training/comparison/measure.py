"""Every way scores the same lists, in turns, one list after the other: its speed and its order in one run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from sidecar.evaluation.comparison import bootstrap
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.measures import PRIMARY, measure
from sidecar.inference.batching import BLOCK, micro_batches
from sidecar.inference.network import Network
from sidecar.training.catalogue import Catalogue
from sidecar.training.comparison.routes import EXACT, Route

RESAMPLES = 2000
DEPTH = 100


@dataclass(frozen=True)
class Row:
    """One way's figures. `speed_up` is the median over lists of the exact way's time by this one's, `loss`
    how much lower its nDCG@10 is in percent of the exact way's; each with its 95 % interval over lists.
    `best`: no other way is both faster and better."""

    name: str
    pairs_per_second: float
    speed_up: float
    speed_up_ci95: tuple[float, float]
    processor_ms_per_pair: float
    ndcg: float
    loss: float
    loss_ci95: tuple[float, float]
    largest_difference: float
    megabytes: float
    best: bool


@dataclass(frozen=True)
class Figures:
    """`first_stage` is BM25's nDCG@10. `padding_efficiency`: real tokens among those computed."""

    lists: int
    pairs: int
    tokens_per_pair: float
    padding_efficiency: float
    first_stage: float
    threads: int
    rows: Sequence[Row]


@dataclass(frozen=True)
class Candidates:
    """A judged query and the first stage's best for it, best first."""

    query: JudgedQuery
    places: Sequence[int]


def candidates(catalogue: Catalogue, queries: Sequence[JudgedQuery], depth: int = DEPTH) -> list[Candidates]:
    """Of the queries that find anything."""
    found = [Candidates(query, catalogue.bm25.best(query.text, depth)) for query in queries]
    return [one for one in found if one.places]


def unwatched(_done: float) -> None:
    """The `tick` of a caller that does not watch."""


def compare_routes(
    routes: Sequence[Route],
    catalogue: Catalogue,
    lists: Sequence[Candidates],
    threads: int,
    tick: Callable[[float], None] = unwatched,
) -> Figures:
    """Every way scores every list once, after a first list that does not count; the order turns each time."""
    seconds = {route.name: np.zeros(len(lists)) for route in routes}
    processor = {route.name: 0.0 for route in routes}
    scores: dict[str, list[NDArray[np.float32]]] = {route.name: [] for route in routes}
    for number in range(-1, len(lists)):
        one = lists[max(number, 0)]
        texts = [catalogue.texts[place] for place in one.places]
        for route in routes if number % 2 else list(reversed(routes)):
            begun, used = time.perf_counter(), time.process_time()
            answer = route.encoder.score([one.query.text] * len(texts), texts).scores
            if number >= 0:
                seconds[route.name][number] = time.perf_counter() - begun
                processor[route.name] += time.process_time() - used
                scores[route.name].append(answer)
        tick((number + 1) / len(lists))
    pairs = sum(len(one.places) for one in lists)
    values = {name: _ndcg(catalogue, lists, _orders(lists, found)) for name, found in scores.items()}
    exact, best = values[EXACT], scores[EXACT]
    rows = []
    for route in routes:
        ratios = seconds[EXACT] / seconds[route.name]
        share = 100 / exact.mean()
        low, high = bootstrap(values[route.name] - exact)[0]
        rows.append(
            Row(
                route.name,
                round(pairs / float(seconds[route.name].sum()), 1),
                round(median(ratios), 2),
                _median_interval(ratios),
                round(1000 * processor[route.name] / pairs, 3),
                round(float(values[route.name].mean()), 4),
                round(share * float((exact - values[route.name]).mean()), 2),
                (round(-share * high, 2), round(-share * low, 2)),
                round(
                    max(float(np.abs(a - b).max()) for a, b in zip(scores[route.name], best, strict=True)), 4
                ),
                route.megabytes,
                best=False,
            )
        )
    tokens, efficiency = padding(routes[0].encoder.network, catalogue, lists)
    first = _ndcg(catalogue, lists, [list(one.places) for one in lists])
    return Figures(
        len(lists), pairs, tokens, efficiency, round(float(first.mean()), 4), threads, marked(rows)
    )


def marked(rows: Sequence[Row]) -> list[Row]:
    """With `best` told of each."""
    return [
        Row(**{**row.__dict__, "best": not any(_beats(other, row) for other in rows if other is not row)})
        for row in rows
    ]


def _beats(one: Row, other: Row) -> bool:
    """Faster and no worse, or better and no slower."""
    here, there = (one.pairs_per_second, one.ndcg), (other.pairs_per_second, other.ndcg)
    return here != there and here[0] >= there[0] and here[1] >= there[1]


def padding(network: Network, catalogue: Catalogue, lists: Sequence[Candidates]) -> tuple[float, float]:
    """Mean tokens of a pair, and real tokens among those that the engine's micro-batches compute."""
    real = computed = count = 0
    for one in lists:
        texts = [(one.query.text, catalogue.texts[place]) for place in one.places]
        lengths = [len(encoding) for encoding in network.tokenize(texts)]
        count += len(lengths)
        real += sum(lengths)
        for start in range(0, len(lengths), BLOCK):
            block = lengths[start : start + BLOCK]
            computed += sum(
                len(batch) * max(block[place] for place in batch) for batch in micro_batches(block)
            )
    return round(real / count, 1), round(real / computed, 3)


def _orders(lists: Sequence[Candidates], scores: Sequence[NDArray[np.float32]]) -> list[list[int]]:
    """Each list's places by score; equal ones stay in the first stage's order."""
    return [
        [one.places[at] for at in np.argsort(-found, kind="stable")]
        for one, found in zip(lists, scores, strict=True)
    ]


def _ndcg(
    catalogue: Catalogue, lists: Sequence[Candidates], orders: Sequence[Sequence[int]]
) -> NDArray[np.float64]:
    rankings = [[catalogue.products[place].id for place in order] for order in orders]
    return measure([one.query for one in lists], rankings)[PRIMARY]


def _median_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    draws = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(np.median(values[draws], axis=1), [2.5, 97.5])
    return round(float(low), 2), round(float(high), 2)
