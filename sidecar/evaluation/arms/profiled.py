"""The same search through a pipeline like the default one, with another ranking profile."""

from typing import Any

from opensearchpy import OpenSearch

from sidecar.config.errors import ConfigurationError
from sidecar.domain.ranking import SkipReason
from sidecar.evaluation.arms.arm import Answer
from sidecar.evaluation.arms.through_pipeline import inline, patient, search_through


class Profiled:
    """Plugin, sidecar and model with the profile `name`, whatever the index's default pipeline is."""

    needs_pipeline = False
    reranks = True

    def __init__(self, name: str, pipeline: dict[str, Any]) -> None:
        """`pipeline`: the body of a search pipeline that names the profile."""
        self.name = name
        self._pipeline = inline(pipeline)

    def search(self, client: OpenSearch, index: str, query: str, size: int) -> Answer:
        answer = search_through(client, index, query, size, self._pipeline)
        if SkipReason.UNKNOWN_PROFILE in answer.incomplete.split(","):
            raise ConfigurationError(
                f"--arms: the sidecar does not know the profile `{self.name}`: it loads its own "
                f"`profiles.folder`. Put {self.name}.yml there and start the sidecar again, or rank in this "
                f"process: `{self.name}@int8`."
            )
        return answer

    def warm(self, client: OpenSearch, index: str, query: str, size: int) -> str:
        return search_through(client, index, query, size, patient(self._pipeline)).incomplete
