"""The kinds of values that rules are made of."""

from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sidecar.domain.understanding import Intent

MOST_WORDS = 1000

Item = TypeVar("Item")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | int | float | bool) else value


class _OrAlone:
    """Tells the JSON schema what `_as_list` allows."""

    @staticmethod
    def __get_pydantic_json_schema__(core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        as_list = handler(core)
        return {"anyOf": [as_list["items"], as_list]}


OneOrMore = Annotated[
    list[Item], BeforeValidator(_as_list), Field(min_length=1, max_length=MOST_WORDS), _OrAlone()
]
"""`shoes` means the same as `[shoes]`."""

Word = Annotated[str, Field(min_length=1, max_length=256)]
Words = OneOrMore[Word]


IntentName = Annotated[Intent, Field(strict=False)]
"""A text names it."""


def _as_text(value: Any) -> Any:
    """As the plugin writes the values of a search's filters: 42.0 is 42, and flags are true and false."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int | float) else value


class _TextOrScalar:
    """Tells the JSON schema what `_as_text` allows."""

    @staticmethod
    def __get_pydantic_json_schema__(core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(core), {"type": "number"}, {"type": "boolean"}]}


FilterValues = OneOrMore[
    Annotated[str, BeforeValidator(_as_text), Field(min_length=1, max_length=256), _TextOrScalar()]
]
"""Values of a field that a search is restricted to."""

FieldName = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^\S+$")]
DocumentId = Annotated[str, Field(min_length=1, max_length=512)]
Share = Annotated[float, Field(ge=0, le=1)]
Place = Annotated[int, Field(ge=1, le=1000, description="from 1, the first hit")]
Expression = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        description="over a document's fields, for example: brand == 'Nike' and price < 100",
    ),
]
