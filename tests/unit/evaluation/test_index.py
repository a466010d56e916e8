"""The index that an evaluation searches."""

from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.evaluation.index import check_index
from sidecar.opensearch.errors import ClusterError


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "no index is named `nosuch`. Leave --index out to search a temporary one."),
        ({"otherwise": "Name another."}, "no index is named `nosuch`. Name another."),
    ],
)
def test_an_index_that_is_not_there_is_told_with_what_the_command_can_do(
    more: dict[str, str], told: str
) -> None:
    client: Any = SimpleNamespace(indices=SimpleNamespace(exists=lambda index: False))
    with pytest.raises(ClusterError) as refused:
        check_index(client, "nosuch", None, **more)
    assert str(refused.value) == told
