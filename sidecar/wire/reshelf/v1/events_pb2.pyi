import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SendEventsRequest(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[UbiEvent]
    def __init__(self, events: _Optional[_Iterable[_Union[UbiEvent, _Mapping]]] = ...) -> None: ...

class UbiEvent(_message.Message):
    __slots__ = ("application", "action_name", "client_id", "user_id", "session_id", "query_id", "timestamp", "event_id", "consent", "event_attributes")
    APPLICATION_FIELD_NUMBER: _ClassVar[int]
    ACTION_NAME_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    EVENT_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    application: str
    action_name: str
    client_id: str
    user_id: str
    session_id: str
    query_id: str
    timestamp: _timestamp_pb2.Timestamp
    event_id: str
    consent: bool
    event_attributes: UbiEventAttributes
    def __init__(self, application: _Optional[str] = ..., action_name: _Optional[str] = ..., client_id: _Optional[str] = ..., user_id: _Optional[str] = ..., session_id: _Optional[str] = ..., query_id: _Optional[str] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., event_id: _Optional[str] = ..., consent: _Optional[bool] = ..., event_attributes: _Optional[_Union[UbiEventAttributes, _Mapping]] = ...) -> None: ...

class UbiEventAttributes(_message.Message):
    __slots__ = ("object", "position", "dwell_time", "ip", "browser")
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    DWELL_TIME_FIELD_NUMBER: _ClassVar[int]
    IP_FIELD_NUMBER: _ClassVar[int]
    BROWSER_FIELD_NUMBER: _ClassVar[int]
    object: UbiObject
    position: UbiPosition
    dwell_time: float
    ip: str
    browser: str
    def __init__(self, object: _Optional[_Union[UbiObject, _Mapping]] = ..., position: _Optional[_Union[UbiPosition, _Mapping]] = ..., dwell_time: _Optional[float] = ..., ip: _Optional[str] = ..., browser: _Optional[str] = ...) -> None: ...

class UbiObject(_message.Message):
    __slots__ = ("object_id", "internal_id")
    OBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    INTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    object_id: str
    internal_id: str
    def __init__(self, object_id: _Optional[str] = ..., internal_id: _Optional[str] = ...) -> None: ...

class UbiPosition(_message.Message):
    __slots__ = ("ordinal",)
    ORDINAL_FIELD_NUMBER: _ClassVar[int]
    ordinal: int
    def __init__(self, ordinal: _Optional[int] = ...) -> None: ...

class SendEventsResponse(_message.Message):
    __slots__ = ("accepted", "repeated", "ignored", "refused")
    class IgnoredEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    IGNORED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    accepted: int
    repeated: int
    ignored: _containers.ScalarMap[str, int]
    refused: _containers.RepeatedCompositeFieldContainer[RefusedEvent]
    def __init__(self, accepted: _Optional[int] = ..., repeated: _Optional[int] = ..., ignored: _Optional[_Mapping[str, int]] = ..., refused: _Optional[_Iterable[_Union[RefusedEvent, _Mapping]]] = ...) -> None: ...

class RefusedEvent(_message.Message):
    __slots__ = ("index", "field", "reason")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    index: int
    field: str
    reason: str
    def __init__(self, index: _Optional[int] = ..., field: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
