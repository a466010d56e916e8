"""The contract as JSON: pydantic models made from the protobuf descriptors, so that they cannot differ.

They follow protobuf's JSON mapping: lowerCamelCase and original names are read and original names are
written, null and absence mean the default, enum values are read by name or number, int64 are strings.
Instances carry the contract's field names as attributes, like the messages, and go the same way inside.
"""

import struct
from importlib import resources
from typing import Annotated, Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictStr,
    ValidationError,
    WithJsonSchema,
    create_model,
    model_validator,
)

from sidecar.server.errors import BadRequest
from sidecar.wire.reshelf import v1
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire

TIMESTAMP = "google.protobuf.Timestamp"


SINGLE = struct.Struct("f")

COMMENTS = "rerank.descriptors.binpb"
"""The compiled contract with its comments, beside the generated code."""


class JsonMessage(BaseModel):
    """A message of the contract. Unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _null_means_absent(cls, data: Any) -> Any:
        if isinstance(data, dict) and None in data.values():
            return {name: value for name, value in data.items() if value is not None}
        return data


def _moment(value: Any) -> Any:
    """A Timestamp is an RFC 3339 string in JSON; numbers, which pydantic would take, are refused."""
    if isinstance(value, str):
        return value
    raise ValueError("expected a time like 2026-01-31T12:00:00Z")


def _single_precision(value: float) -> float:
    """A float of the contract has 32 bits, whichever way it comes."""
    try:
        return SINGLE.unpack(SINGLE.pack(value))[0]  # type: ignore[no-any-return]
    except OverflowError:
        raise ValueError("is beyond the range of a 32-bit number") from None


SCALARS: dict[int, Any] = {
    FieldDescriptor.TYPE_STRING: StrictStr,
    FieldDescriptor.TYPE_BOOL: StrictBool,
    FieldDescriptor.TYPE_FLOAT: Annotated[float, AfterValidator(_single_precision)],
    FieldDescriptor.TYPE_DOUBLE: float,
    FieldDescriptor.TYPE_UINT32: Annotated[int, Field(ge=0, lt=2**32)],
    FieldDescriptor.TYPE_UINT64: Annotated[int, Field(ge=0, lt=2**64), PlainSerializer(str, return_type=str)],
}
MOMENT: Any = Annotated[AwareDatetime, BeforeValidator(_moment)] | None


class Twin:
    """Makes the models of messages, each once, with the contract's comments as descriptions."""

    def __init__(self) -> None:
        self._made: dict[str, type[JsonMessage]] = {}
        self._comments = _comments()

    def of(self, message: Any) -> type[JsonMessage]:
        """The model of one message (by its descriptor), and of all that it reaches."""
        name = message.full_name
        if name not in self._made:
            fields: dict[str, Any] = {field.name: self._field(field) for field in message.fields}
            self._made[name] = create_model(
                message.name, __base__=JsonMessage, __doc__=self._comments.get(name), **fields
            )
        return self._made[name]

    def _field(self, field: FieldDescriptor) -> tuple[Any, Any]:
        """A field's type and default, for `create_model`."""
        about: dict[str, Any] = {
            "validation_alias": AliasChoices(field.name, field.json_name),
            "description": self._comments.get(field.full_name),
        }
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value = self._single(field.message_type.fields_by_name["value"])
            return dict[StrictStr, value], Field(default_factory=dict, **about)  # type: ignore[valid-type]
        if field.is_repeated:
            return list[self._single(field)], Field(default_factory=list, **about)  # type: ignore[misc]
        if field.message_type is None and field.has_presence:
            return self._single(field) | None, Field(default=None, **about)
        if field.message_type is None:
            return self._single(field), Field(default=field.default_value, **about)
        if field.message_type.full_name == TIMESTAMP:
            return MOMENT, Field(default=None, **about)
        model = self.of(field.message_type)
        return model, Field(default_factory=model, **about)

    def _single(self, field: FieldDescriptor) -> Any:
        """The type of one value of a field."""
        if field.message_type is not None:
            return self.of(field.message_type)
        if field.enum_type is not None:
            return _enum(field.enum_type)
        return SCALARS[field.type]


def _enum(enum: EnumDescriptor) -> Any:
    """An enum's number, read from its name or the number itself."""
    numbers = {value.name: value.number for value in enum.values}

    def number_of(value: Any) -> Any:
        if isinstance(value, str):
            if value not in numbers:
                raise ValueError(f"expected one of {', '.join(numbers)}")
            return numbers[value]
        return value

    schema = WithJsonSchema({"enum": list(numbers), "title": enum.name})
    return Annotated[int, BeforeValidator(number_of), schema]


def _comments() -> dict[str, str]:
    """What the contract's source says above each message and field, by full name."""
    compiled = FileDescriptorSet.FromString(resources.files(v1).joinpath(COMMENTS).read_bytes())
    comments: dict[str, str] = {}
    for file in compiled.file:
        for location in file.source_code_info.location:
            text = " ".join(location.leading_comments.split())
            match list(location.path):
                case [FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, message]:
                    name = file.message_type[message].name
                case [FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, message, 2, field]:
                    name = f"{file.message_type[message].name}.{file.message_type[message].field[field].name}"
                case _:
                    continue
            if text:
                comments[f"{file.package}.{name}"] = text
    return comments


_TWIN = Twin()
RerankRequestJson = _TWIN.of(wire.RerankRequest.DESCRIPTOR)
RerankResponseJson = _TWIN.of(wire.RerankResponse.DESCRIPTOR)


def read_request(body: bytes) -> JsonMessage:
    """The request in a body. Raises BadRequest naming the first field that is wrong."""
    try:
        return RerankRequestJson.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadRequest(_path(first["loc"]) or "body", _problem(first)) from error


def _problem(details: Any) -> str:
    if details["type"] == "extra_forbidden":
        return "unknown field; the contract is at /openapi.json"
    message: str = details["msg"]
    return message.removeprefix("Value error, ")


def _path(location: tuple[int | str, ...]) -> str:
    """A place in the request as the contract writes it: candidates[3].score."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def request_schema() -> dict[str, Any]:
    """The request's JSON schema, complete in itself, for the OpenAPI page."""
    schema = RerankRequestJson.model_json_schema()
    inlined: dict[str, Any] = _inlined(schema, schema.pop("$defs"))
    return inlined


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """A schema with its references replaced; the contract's messages do not contain themselves."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            found = definitions[schema["$ref"].rpartition("/")[2]]
            return _inlined(
                {**found, **{key: value for key, value in schema.items() if key != "$ref"}}, definitions
            )
        return {key: _inlined(value, definitions) for key, value in schema.items()}
    return [_inlined(value, definitions) for value in schema] if isinstance(schema, list) else schema
