"""The kinds of values that rules are made of."""

from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

MOST_WORDS = 1000

Item = TypeVar("Item")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | int | float | bool) else value


OneOrMore = Annotated[list[Item], BeforeValidator(_as_list), Field(min_length=1, max_length=MOST_WORDS)]
"""`shoes` means the same as `[shoes]`."""

Word = Annotated[str, Field(min_length=1, max_length=256)]
Words = OneOrMore[Word]
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
