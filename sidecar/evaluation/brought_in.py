"""Which documents that rules bring in are shown: those that are found, and that no rule hides."""

from collections.abc import Callable, Mapping, Sequence

from sidecar.domain.candidate import Candidate, FieldValues
from sidecar.ranking.layout.stage import LayoutStage
from sidecar.ranking.standing import Arranged

Fetch = Callable[[Sequence[str]], Mapping[str, Mapping[str, FieldValues]]]
"""The fields of documents by id, of those that are there and that the search's filters let through."""


def brought_in(
    arranged: Arranged, fetch: Fetch, stage: LayoutStage
) -> Mapping[str, Mapping[str, FieldValues]]:
    """The fields of the documents that are brought in, without those that rules hide by them."""
    if not arranged.fetched:
        return {}
    found = fetch([hit.id for hit in arranged.fetched])
    if arranged.check is None:
        return found
    documents = [
        Candidate(id_, place, 0.0, fields=told) for place, (id_, told) in enumerate(found.items(), 1)
    ]
    kept_out = stage.kept_out(arranged.check, documents)
    return {one.id: one.fields for one, out in zip(documents, kept_out, strict=True) if not out}
