"""Judged queries with the texts of their products, as requests to score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.benchmark.model.workload import Request
from sidecar.evaluation.judged_query import JudgedQuery


@dataclass(frozen=True, slots=True)
class JudgedRequest:
    """A query's judged products that the shop has: `products` [n] in the order of the request's texts."""

    query: JudgedQuery
    products: Sequence[str]
    request: Request


def judged_requests(
    queries: Sequence[JudgedQuery], texts: Mapping[str, str], most: int = 300
) -> list[JudgedRequest]:
    """`texts` by product. Queries of which fewer than two judged products are known are left out."""
    found = []
    for query in queries:
        products = [product for product in query.labels if product in texts][:most]
        if len(products) > 1:
            request = Request(query.text, [texts[product] for product in products])
            found.append(JudgedRequest(query, products, request))
    return found


def ndcg_of(judged: Sequence[JudgedRequest], scores: Mapping[int, NDArray[np.float32]]) -> float:
    """Mean nDCG@10 of the judged products in the order of their scores: float32 [n] by the query's place."""
    # ir-measures takes long to import.
    from sidecar.evaluation.measures import PRIMARY, measure

    rankings = [
        [one.products[place] for place in np.argsort(-scores[number], kind="stable").tolist()]
        for number, one in enumerate(judged)
    ]
    return float(measure([one.query for one in judged], rankings)[PRIMARY].mean())
