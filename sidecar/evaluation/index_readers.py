"""Query understanding against the very index that is evaluated."""

from opensearchpy import OpenSearch

from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.vocabulary_source import VocabularyFields, read_index
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary

MOST_DOCUMENTS = 50_000
VERSION = "read-from-the-index"


class IndexReaders:
    """A reader for each index, made when it is first asked for: a temporary index has no built vocabulary."""

    def __init__(self) -> None:
        self._readers: dict[str, Reader] = {}

    def of(self, client: OpenSearch, index: str) -> Reader:
        """The index's own; one without a catalogue where its fields have other names than a product's."""
        if index not in self._readers:
            self._readers[index] = Reader(_vocabulary(client, index))
        return self._readers[index]


def _vocabulary(client: OpenSearch, index: str) -> Vocabulary:
    try:
        harvest, _ = read_index(client, index, VocabularyFields(), most_documents=MOST_DOCUMENTS)
    except ClusterError:
        return Vocabulary.without_catalogue()
    return Vocabulary(VERSION, harvest.documents, harvest.names(), harvest.words())
