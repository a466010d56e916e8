"""What a ranking is worth, query by query, by ir-measures."""

from collections.abc import Mapping, Sequence
from typing import Any

import ir_measures
import numpy as np
import numpy.typing as npt
from ir_measures import RR, R, ScoredDoc, nDCG

from sidecar.evaluation.judgments import JudgedQuery

# ESCI's gains E 1, S 0.1, C 0.01, I 0 in hundredths: nDCG does not change when all gains are scaled, and
# ir-measures takes whole numbers. What was not judged has gain 0.
GAINS = {"E": 100, "S": 10, "C": 1, "I": 0}

# For the binary measures, a product is relevant if it is exactly what was asked for.
BY_GAIN = {
    "ndcg@10": nDCG @ 10,
    "ndcg@5": nDCG @ 5,
    "mrr@10": RR(rel=GAINS["E"]) @ 10,
    "recall@100": R(rel=GAINS["E"]) @ 100,
}
BINARY = {"ndcg@10/binary": nDCG @ 10}
MEASURES = (*BY_GAIN, *BINARY)
PRIMARY = "ndcg@10"
"""What wins, losses and slices are told by."""

Values = npt.NDArray[np.float64]


def measure(queries: Sequence[JudgedQuery], rankings: Sequence[Sequence[str]]) -> Mapping[str, Values]:
    """Every measure's value of each query: arrays in the queries' order.

    `rankings` are product ids, best first, one list a query. A query without any relevant product counts 0.
    """
    # Scores stand for places: trec_eval sorts by score, and breaks ties its own way.
    run = [
        ScoredDoc(str(number), product, float(-place))
        for number, ranking in enumerate(rankings)
        for place, product in enumerate(dict.fromkeys(ranking))
    ]
    # Two calls: ir-measures 0.4 mixes up nDCG with and without `gains` in one, by the order of a set.
    only_exact = {label: int(label == "E") for label in GAINS}
    return {
        **_measure(BY_GAIN, queries, GAINS, run),
        **_measure(BINARY, queries, only_exact, run),
    }


def _measure(
    measures: Mapping[str, Any],
    queries: Sequence[JudgedQuery],
    gains: Mapping[str, int],
    run: Sequence[ScoredDoc],
) -> dict[str, Values]:
    names = {found: name for name, found in measures.items()}
    qrels = {
        str(number): {product: gains[label] for product, label in query.labels.items()}
        for number, query in enumerate(queries)
    }
    values = {name: np.zeros(len(queries)) for name in measures}
    for metric in ir_measures.iter_calc(list(names), qrels, run):
        values[names[metric.measure]][int(metric.query_id)] = metric.value
    return values
