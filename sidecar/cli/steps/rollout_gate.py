"""The gate of a deployment: both models order the judged products, and nDCG@10 must not fall."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sidecar.cli.pipeline import configured_profiles
from sidecar.cli.steps.judged_index import judged, products_of, warn
from sidecar.config.alias import ServedModel
from sidecar.domain.deadline import Deadline
from sidecar.evaluation.arms.in_process import candidates_of
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.evaluation.measures import PRIMARY, measure
from sidecar.model.progress import Progress
from sidecar.opensearch.product import Product
from sidecar.ranking.relevance.cache import normalised
from sidecar.ranking.relevance.document_text import document_text
from sidecar.ranking.relevance.scorer import Scorer, ScorerError
from sidecar.rollout.connected import Connected
from sidecar.rollout.deploy import Gate
from sidecar.rollout.errors import RolloutError

PATIENCE = 120.0
"""Seconds for the products of one query."""
DEFAULT = "default"


def gate_of(judgments: Path | None, products: Path | None, loss: float) -> Gate | None:
    """Reads what the gate needs; None where nobody asked for one. Raises what reading raises."""
    if judgments is None and products is None:
        return None
    if judgments is None or products is None:
        raise RolloutError("the gate needs both --judgments and --products.")
    queries = judged(judgments)
    texts = _texts(products, {product for query in queries for product in query.labels})

    async def gate(
        triton: Connected, live: ServedModel, candidate: ServedModel, progress: Progress
    ) -> dict[str, Any]:
        values = {}
        for part, served in (("live", live), ("candidate", candidate)):
            scorer = triton.scorer(served)
            try:
                rankings = await _rankings(scorer, queries, texts, served.model, progress)
            finally:
                await scorer.close()
            values[part] = float(np.mean(measure(queries, rankings)[PRIMARY]))
        told = {**values, "queries": len(queries), "loss_allowed": loss}
        if values["candidate"] < values["live"] - loss:
            raise RolloutError(
                f"{candidate.model} is worse: {PRIMARY} {values['candidate']:.4f} against "
                f"{values['live']:.4f} of {live.model} on {len(queries)} judged queries; {loss} may be lost "
                "(--loss)."
            )
        return told

    return gate


async def _rankings(
    scorer: Scorer, queries: list[JudgedQuery], texts: Mapping[str, str], model: str, progress: Progress
) -> list[list[str]]:
    """Each query's judged products by the model's score alone, best first."""
    rankings = []
    for number, query in enumerate(queries, 1):
        progress(f"gate, {model}: {number} of {len(queries)} judged queries")
        known = sorted(product for product in query.labels if product in texts)
        scores = np.empty(0, np.float32)
        if known:
            try:
                answer = await scorer.score(
                    normalised(query.text),
                    [texts[product] for product in known],
                    Deadline.after(PATIENCE),
                )
            except ScorerError as error:
                raise RolloutError(f"{model} does not answer the gate's queries: {error}") from error
            scores = answer.values
        if np.isnan(scores).any():
            raise RolloutError(f"{model} did not score all products of a query within {PATIENCE:.0f} s.")
        rankings.append([known[place] for place in np.argsort(-scores, kind="stable")])
    return rankings


def _texts(products: Path, wanted: set[str]) -> dict[str, str]:
    """The judged products as the default profile's model reads them."""
    document = configured_profiles(None)[DEFAULT].document
    found = {}
    for row in products_of(products):
        if isinstance(row, Product) and row.id in wanted:
            (hit,) = candidates_of([{"_id": row.id, "_score": 0.0, "_index": "", "_source": row.document}])
            found[row.id] = document_text(hit.fields, document)
    if missing := len(wanted) - len(found):
        warn(f"{missing} judged products are not in {products.name}; they are ranked by neither model")
    return found
