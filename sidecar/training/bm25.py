"""BM25 over products in this process, with the tuned field weights of the index: hard negatives for lists."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sidecar.opensearch.query import TUNED_WEIGHTS
from sidecar.training.words import terms

K1, B = 1.2, 0.75  # OpenSearch's own


class Bm25:
    """A `multi_match` of type `most_fields` without OpenSearch: a document's fields' scores, added up.

    Postings hold each term's whole contribution to a document, so that a query is a few additions.
    """

    def __init__(
        self, documents: Sequence[Mapping[str, str]], weights: Mapping[str, float] = TUNED_WEIGHTS
    ) -> None:
        """`documents`: text by field name, one a document."""
        self.size = len(documents)
        gathered: dict[str, dict[int, float]] = defaultdict(dict)
        for name, weight in weights.items():
            if weight > 0:
                _add_field(gathered, [document.get(name, "") for document in documents], weight)
        self._postings = {
            term: (np.fromiter(found, np.int32), np.fromiter(found.values(), np.float32))
            for term, found in gathered.items()
        }

    def scores(self, query: str) -> NDArray[np.float32]:
        """float32 [documents]; 0 where no word of the query stands."""
        scores = np.zeros(self.size, np.float32)
        for term in terms(query, query=True):
            if (posting := self._postings.get(term)) is not None:
                scores[posting[0]] += posting[1]
        return scores

    def best(self, query: str, count: int) -> list[int]:
        """The places of the best documents, best first, equal ones in their order; only such that match."""
        scores = self.scores(query)
        matching = int((scores > 0).sum())
        order = np.argsort(-scores, kind="stable")[: min(count, matching)]
        return [int(place) for place in order]


def _add_field(gathered: dict[str, dict[int, float]], texts: Sequence[str], weight: float) -> None:
    counts = [Counter(terms(text)) for text in texts]
    lengths = np.array([found.total() for found in counts], np.float64)
    filled = int((lengths > 0).sum())
    if not filled:
        return
    mean = lengths.sum() / filled  # as Lucene counts: documents without the field do not take part
    frequency = Counter(term for found in counts for term in found)
    idf = {term: math.log(1 + (filled - n + 0.5) / (n + 0.5)) for term, n in frequency.items()}
    for place, found in enumerate(counts):
        damping = K1 * (1 - B + B * lengths[place] / mean)
        for term, count in found.items():
            impact = weight * idf[term] * count / (count + damping)
            gathered[term][place] = gathered[term].get(place, 0.0) + impact
