"""What a search is restricted to, as the plugin sends it."""

from collections.abc import Sequence
from typing import Any

from sidecar.domain.search import FieldFilter
from sidecar.server.errors import BadRequest
from sidecar.server.text_limit import within

MAX_FILTERS = 32
MAX_FILTER_VALUES = 64
MAX_FILTER_CHARACTERS = 256


def filters_of(sent: Sequence[Any]) -> Sequence[FieldFilter]:
    """Each field with its values. Raises BadRequest."""
    if not sent:
        return ()
    if len(sent) > MAX_FILTERS:
        raise BadRequest("query.filters", f"{len(sent)} are above the limit of {MAX_FILTERS}")
    return [_filter_of(one, f"query.filters[{place}]") for place, one in enumerate(sent)]


def _filter_of(sent: Any, path: str) -> FieldFilter:
    if not sent.field:
        raise BadRequest(f"{path}.field", "is empty; name the field")
    if not 0 < len(sent.values) <= MAX_FILTER_VALUES:
        raise BadRequest(f"{path}.values", f"{len(sent.values)} are not from 1 to {MAX_FILTER_VALUES}")
    return FieldFilter(
        within(sent.field, f"{path}.field", MAX_FILTER_CHARACTERS),
        tuple(
            within(value, f"{path}.values[{place}]", MAX_FILTER_CHARACTERS)
            for place, value in enumerate(sent.values)
        ),
    )
