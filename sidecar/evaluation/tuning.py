"""Choose the weights of the BM25 baseline on judged queries, and say honestly what the choice is worth."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from opensearchpy import OpenSearch
from rich.table import Table

from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.measures import Values, measure
from sidecar.opensearch.connection import explained
from sidecar.opensearch.query import TUNED_TYPE, TUNED_WEIGHTS, bm25_query

KINDS: Mapping[str, Mapping[str, Any]] = {
    "most_fields": {},
    "best_fields": {"tie_breaker": 0.3},
    "cross_fields": {"tie_breaker": 0.3},
}
GRID: Mapping[str, Sequence[float]] = {
    "brand": (0, 0.3, 0.6, 0.9),
    "color": (0, 0.08, 0.25),
    "bullet_points": (0, 0.06, 0.2, 0.5),
    "description": (0, 0.04, 0.2),
}
FOLDS = 5
REPEATS = 20
DEPTH = 10


@dataclass(frozen=True)
class Setting:
    """One way to write the query: the type of the `multi_match`, and the weights beside title's 1."""

    kind: str
    weights: Mapping[str, float]

    def query(self, text: str) -> dict[str, Any]:
        return bm25_query(text, self.weights, self.kind, **KINDS[self.kind])


@dataclass(frozen=True)
class Tuning:
    """nDCG@10 of every setting on all queries, and what choosing one by cross-validation gives."""

    settings: Sequence[Setting]
    values: npt.NDArray[np.float64]  # settings × queries
    cross_validated: float

    def best_first(self) -> Iterator[tuple[Setting, float]]:
        """The settings with their means."""
        means = self.values.mean(axis=1)
        for place in np.argsort(-means, kind="stable"):
            yield self.settings[place], float(means[place])

    def of(self, setting: Setting) -> Values:
        """A setting's value of every query."""
        values: Values = self.values[list(self.settings).index(setting)]
        return values

    def behind_best(self, setting: Setting) -> tuple[float, float]:
        """How far the best setting is ahead, with the standard error of that paired difference."""
        ahead = self.values[np.argmax(self.values.mean(axis=1))] - self.of(setting)
        return float(ahead.mean()), float(ahead.std(ddof=1) / np.sqrt(len(ahead)))

    def to_json(self) -> dict[str, Any]:
        """The ten best, the setting in use, and how far apart they are."""
        ahead, error = self.behind_best(IN_USE)
        return {
            "queries": self.values.shape[1],
            "settings": len(self.settings),
            "best": [{**asdict(setting), "ndcg@10": mean} for setting, mean in self._ten_best()],
            "in_use": {**asdict(IN_USE), "ndcg@10": float(self.of(IN_USE).mean())},
            "best_ahead_of_in_use": {"delta": ahead, "standard_error": error},
            "cross_validated": self.cross_validated,
        }

    def table(self) -> Table:
        ahead, error = self.behind_best(IN_USE)
        table = Table(
            title=f"BM25 settings, {self.values.shape[1]} queries",
            caption=f"Choosing by cross-validation: {self.cross_validated:.4f} on queries held out. "
            f"The best is {ahead:.4f} ahead of the setting in use (standard error {error:.4f}).",
        )
        for column in ("multi_match type", *GRID, "nDCG@10"):
            table.add_column(column, justify="right")
        for setting, mean in [*self._ten_best(), (IN_USE, float(self.of(IN_USE).mean()))]:
            kind = f"in use: {setting.kind}" if setting == IN_USE else setting.kind
            table.add_row(kind, *(f"{setting.weights[name]:g}" for name in GRID), f"{mean:.4f}")
        return table

    def _ten_best(self) -> list[tuple[Setting, float]]:
        return list(itertools.islice(self.best_first(), 10))


IN_USE = Setting(TUNED_TYPE, {"title": 1.0, **{name: TUNED_WEIGHTS.get(name, 0) for name in GRID}})


def settings_to_try() -> list[Setting]:
    """The whole grid, and the setting that is in use."""
    grid = [
        Setting(kind, {"title": 1.0, **dict(zip(GRID, weights, strict=True))})
        for kind in KINDS
        for weights in itertools.product(*GRID.values())
    ]
    return grid if IN_USE in grid else [*grid, IN_USE]


def tune(
    client: OpenSearch,
    index: str,
    queries: Sequence[JudgedQuery],
    *,
    on_setting: Callable[[int], None] | None = None,
) -> Tuning:
    """Search with every setting. Raises ClusterError."""
    settings = settings_to_try()
    rows = []
    for number, setting in enumerate(settings, 1):
        rows.append(measure(queries, _search_all(client, index, setting, queries))["ndcg@10"])
        if on_setting is not None:
            on_setting(number)
    values = np.array(rows)
    return Tuning(settings, values, cross_validated(values))


def _search_all(
    client: OpenSearch, index: str, setting: Setting, queries: Sequence[JudgedQuery]
) -> list[list[str]]:
    lines: list[dict[str, Any]] = []
    for query in queries:
        lines += [{"index": index}, {"query": setting.query(query.text), "size": DEPTH, "_source": False}]
    with explained(f"searching `{index}`"):
        answers = client.msearch(body=lines)["responses"]
    return [[hit["_id"] for hit in answer["hits"]["hits"]] for answer in answers]


def cross_validated(values: npt.NDArray[np.float64], seed: int = 0) -> float:
    """The mean value of queries under the setting that was best on the *other* queries.

    `values` is settings × queries. 5 folds, 20 random splits: what choosing from the grid is worth on
    queries that did not take part in the choice.
    """
    generator = np.random.default_rng(seed)
    count = values.shape[1]
    found = []
    for _ in range(REPEATS):
        fold_of = generator.permutation(np.arange(count) % FOLDS)
        for fold in range(FOLDS):
            held_out = fold_of == fold
            chosen = np.argmax(values[:, ~held_out].mean(axis=1))
            found.append(values[chosen, held_out])
    return float(np.concatenate(found).mean())
