"""The searches that are sent: queries of a shop's own words, each with the hits that it would find."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from sidecar.config.profile import Profile
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire

QUERY_WORDS = (2, 4)
TRIES = 50
INDEX = "bench"
WORD = re.compile(r"\w+")


class StoredSearches:
    """Requests by query, each made once. First stage: the rarer the words that a title shares with the
    query, the better; it stands for OpenSearch, which would take the cores that are measured."""

    def __init__(
        self, products: Mapping[str, Mapping[str, Any]], profile: str, chosen: Profile, window: int
    ) -> None:
        """`products`: documents by id. `chosen`: the profile of that name. `window`: a search's hits."""
        self._ids = list(products)
        self._documents = list(products.values())
        self._titles = [
            WORD.findall(str(document.get("title") or "").lower()) for document in self._documents
        ]
        self._profile = profile
        self._fields = chosen.fields_needed()
        self._window = window
        places: dict[str, list[int]] = defaultdict(list)
        for place, words in enumerate(self._titles):
            for word in dict.fromkeys(words):
                places[word].append(place)
        self._places = {word: np.array(found) for word, found in places.items()}
        self._requests: dict[str, bytes] = {}

    def queries(self, count: int, seed: int = 0) -> list[str]:
        """`count` different queries of words that stand together in a title and find a whole window.

        Raises ValueError where the shop has too few.
        """
        random = Random(seed)  # noqa: S311 - repeatable on purpose
        found: dict[str, None] = {}
        for _ in range(count * TRIES):
            if len(found) == count:
                return list(found)
            words = random.choice(self._titles)
            length = random.randint(*QUERY_WORDS)
            start = random.randrange(max(1, len(words) - length + 1))
            query = " ".join(words[start : start + length])
            if query and query not in found and self._matching(query) >= self._window:
                found[query] = None
        raise ValueError(
            f"only {len(found)} queries of {count} find {self._window} hits among {len(self._ids)} products: "
            "give more products, a smaller window or fewer queries"
        )

    def request(self, query: str) -> bytes:
        """The search as it goes over the wire."""
        known = self._requests.get(query)
        if known is None:
            known = self._requests[query] = self._made(query)
        return known

    def _matching(self, query: str) -> int:
        """At least so many products share a word with the query."""
        return max((len(self._places.get(word, ())) for word in query.split()), default=0)

    def _made(self, query: str) -> bytes:
        scores = np.zeros(len(self._ids))
        for word in dict.fromkeys(query.split()):
            if (found := self._places.get(word)) is not None:
                scores[found] += np.log(1 + len(self._ids) / len(found))
        best = np.argsort(-scores, kind="stable")[: self._window]
        best = best[scores[best] > 0]
        documents = [self._documents[place] for place in best.tolist()]
        request = wire.RerankRequest(
            query=wire.Query(text=query, index=INDEX),
            profile=self._profile,
            columns=wire.CandidateColumns(
                ids=[self._ids[place] for place in best.tolist()],
                scores=scores[best].tolist(),
                indices=[INDEX],
                fields=[
                    column(name, [document.get(name) for document in documents]) for name in self._fields
                ],
            ),
        )
        return request.SerializeToString()


def column(name: str, values: Sequence[Any]) -> wire.FieldColumn:
    """One field of all candidates as the plugin writes it: texts, or numbers where no value is a text."""
    lists = [value if isinstance(value, list) else [] if value is None else [value] for value in values]
    counts = [len(found) for found in lists]
    flat = [value for found in lists for value in found]
    made = wire.FieldColumn(name=name, counts=[] if all(count == 1 for count in counts) else counts)
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in flat):
        made.numbers.extend(float(value) for value in flat)
    else:
        made.texts.extend(str(value) for value in flat)
    return made
