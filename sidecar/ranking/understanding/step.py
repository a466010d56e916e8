"""Query understanding as a step of the pipeline."""

from dataclasses import replace

from sidecar.domain.search import Search
from sidecar.domain.understanding import EntityKind, Understanding
from sidecar.ranking.understanding.vocabularies import Vocabularies

NAME = "understanding"


class UnderstandingStep:
    """Reads the query against the vocabulary of the index that is searched."""

    name = NAME

    def __init__(self, vocabularies: Vocabularies) -> None:
        self._vocabularies = vocabularies

    def understand(self, search: Search) -> Search:
        """The search with its query's understanding."""
        return replace(search, understanding=self._vocabularies.reader_for(search.index).read(search.query))


def figures(found: Understanding) -> dict[str, float]:
    """What an explained search tells of an understanding: counts and shares, none of the query's words."""
    told: dict[str, float] = {
        "tokens": len(found.tokens),
        "corrected": sum(a != b for a, b in zip(found.tokens, found.corrected, strict=True)),
        "numbers": len(found.numbers),
        "unwanted": len(found.unwanted),
        "specificity": found.specificity,
        f"intent_{found.intent}": found.intent_confidence,
    }
    for kind in EntityKind:
        told[kind.value] = sum(entity.kind is kind for entity in found.entities)
    return told
