import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Consent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_UNSPECIFIED: _ClassVar[Consent]
    CONSENT_GRANTED: _ClassVar[Consent]
    CONSENT_DENIED: _ClassVar[Consent]
CONSENT_UNSPECIFIED: Consent
CONSENT_GRANTED: Consent
CONSENT_DENIED: Consent

class RerankRequest(_message.Message):
    __slots__ = ("query", "candidates", "shopper", "context", "profile", "explain", "budget_ms", "columns", "strength", "page", "layout")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    SHOPPER_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    BUDGET_MS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    query: Query
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    shopper: Shopper
    context: Context
    profile: str
    explain: bool
    budget_ms: int
    columns: CandidateColumns
    strength: float
    page: Page
    layout: LayoutWish
    def __init__(self, query: _Optional[_Union[Query, _Mapping]] = ..., candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ..., shopper: _Optional[_Union[Shopper, _Mapping]] = ..., context: _Optional[_Union[Context, _Mapping]] = ..., profile: _Optional[str] = ..., explain: _Optional[bool] = ..., budget_ms: _Optional[int] = ..., columns: _Optional[_Union[CandidateColumns, _Mapping]] = ..., strength: _Optional[float] = ..., page: _Optional[_Union[Page, _Mapping]] = ..., layout: _Optional[_Union[LayoutWish, _Mapping]] = ...) -> None: ...

class LayoutWish(_message.Message):
    __slots__ = ("removes", "fetches", "metadata", "structured_data", "sponsored", "checks", "check")
    REMOVES_FIELD_NUMBER: _ClassVar[int]
    FETCHES_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    STRUCTURED_DATA_FIELD_NUMBER: _ClassVar[int]
    SPONSORED_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    removes: bool
    fetches: bool
    metadata: bool
    structured_data: bool
    sponsored: bool
    checks: bool
    check: str
    def __init__(self, removes: _Optional[bool] = ..., fetches: _Optional[bool] = ..., metadata: _Optional[bool] = ..., structured_data: _Optional[bool] = ..., sponsored: _Optional[bool] = ..., checks: _Optional[bool] = ..., check: _Optional[str] = ...) -> None: ...

class Page(_message.Message):
    __slots__ = ("start", "size")
    START_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    start: int
    size: int
    def __init__(self, start: _Optional[int] = ..., size: _Optional[int] = ...) -> None: ...

class Query(_message.Message):
    __slots__ = ("text", "id", "index", "filters")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    text: str
    id: str
    index: str
    filters: _containers.RepeatedCompositeFieldContainer[FieldFilter]
    def __init__(self, text: _Optional[str] = ..., id: _Optional[str] = ..., index: _Optional[str] = ..., filters: _Optional[_Iterable[_Union[FieldFilter, _Mapping]]] = ...) -> None: ...

class FieldFilter(_message.Message):
    __slots__ = ("field", "values")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    field: str
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, field: _Optional[str] = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("id", "index", "score", "rank", "fields")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: FieldValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[FieldValue, _Mapping]] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    id: str
    index: str
    score: float
    rank: int
    fields: _containers.MessageMap[str, FieldValue]
    def __init__(self, id: _Optional[str] = ..., index: _Optional[str] = ..., score: _Optional[float] = ..., rank: _Optional[int] = ..., fields: _Optional[_Mapping[str, FieldValue]] = ...) -> None: ...

class FieldValue(_message.Message):
    __slots__ = ("texts", "numbers", "flags")
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    NUMBERS_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    texts: _containers.RepeatedScalarFieldContainer[str]
    numbers: _containers.RepeatedScalarFieldContainer[float]
    flags: _containers.RepeatedScalarFieldContainer[bool]
    def __init__(self, texts: _Optional[_Iterable[str]] = ..., numbers: _Optional[_Iterable[float]] = ..., flags: _Optional[_Iterable[bool]] = ...) -> None: ...

class CandidateColumns(_message.Message):
    __slots__ = ("ids", "scores", "indices", "index_of", "fields")
    IDS_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    INDICES_FIELD_NUMBER: _ClassVar[int]
    INDEX_OF_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    scores: _containers.RepeatedScalarFieldContainer[float]
    indices: _containers.RepeatedScalarFieldContainer[str]
    index_of: _containers.RepeatedScalarFieldContainer[int]
    fields: _containers.RepeatedCompositeFieldContainer[FieldColumn]
    def __init__(self, ids: _Optional[_Iterable[str]] = ..., scores: _Optional[_Iterable[float]] = ..., indices: _Optional[_Iterable[str]] = ..., index_of: _Optional[_Iterable[int]] = ..., fields: _Optional[_Iterable[_Union[FieldColumn, _Mapping]]] = ...) -> None: ...

class FieldColumn(_message.Message):
    __slots__ = ("name", "texts", "numbers", "flags", "counts")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    NUMBERS_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    texts: _containers.RepeatedScalarFieldContainer[str]
    numbers: _containers.RepeatedScalarFieldContainer[float]
    flags: _containers.RepeatedScalarFieldContainer[bool]
    counts: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, name: _Optional[str] = ..., texts: _Optional[_Iterable[str]] = ..., numbers: _Optional[_Iterable[float]] = ..., flags: _Optional[_Iterable[bool]] = ..., counts: _Optional[_Iterable[int]] = ...) -> None: ...

class Shopper(_message.Message):
    __slots__ = ("client_id", "session_id", "user_id", "consent", "segments")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    session_id: str
    user_id: str
    consent: Consent
    segments: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, client_id: _Optional[str] = ..., session_id: _Optional[str] = ..., user_id: _Optional[str] = ..., consent: _Optional[_Union[Consent, str]] = ..., segments: _Optional[_Iterable[str]] = ...) -> None: ...

class Context(_message.Message):
    __slots__ = ("locale", "device", "channel", "time", "application", "crawler", "experiments")
    class ExperimentsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    APPLICATION_FIELD_NUMBER: _ClassVar[int]
    CRAWLER_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENTS_FIELD_NUMBER: _ClassVar[int]
    locale: str
    device: str
    channel: str
    time: _timestamp_pb2.Timestamp
    application: str
    crawler: bool
    experiments: _containers.ScalarMap[str, str]
    def __init__(self, locale: _Optional[str] = ..., device: _Optional[str] = ..., channel: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., application: _Optional[str] = ..., crawler: _Optional[bool] = ..., experiments: _Optional[_Mapping[str, str]] = ...) -> None: ...

class RerankResponse(_message.Message):
    __slots__ = ("hits", "stages", "skipped", "versions", "query_id", "reranked", "took_us", "ranked", "removed", "fetch", "layout", "check")
    class VersionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    HITS_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    RERANKED_FIELD_NUMBER: _ClassVar[int]
    TOOK_US_FIELD_NUMBER: _ClassVar[int]
    RANKED_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    FETCH_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    hits: _containers.RepeatedCompositeFieldContainer[RankedHit]
    stages: _containers.RepeatedCompositeFieldContainer[StageReport]
    skipped: _containers.RepeatedCompositeFieldContainer[Skip]
    versions: _containers.ScalarMap[str, str]
    query_id: str
    reranked: bool
    took_us: int
    ranked: RankedColumns
    removed: _containers.RepeatedScalarFieldContainer[int]
    fetch: _containers.RepeatedCompositeFieldContainer[FetchedHit]
    layout: Layout
    check: str
    def __init__(self, hits: _Optional[_Iterable[_Union[RankedHit, _Mapping]]] = ..., stages: _Optional[_Iterable[_Union[StageReport, _Mapping]]] = ..., skipped: _Optional[_Iterable[_Union[Skip, _Mapping]]] = ..., versions: _Optional[_Mapping[str, str]] = ..., query_id: _Optional[str] = ..., reranked: _Optional[bool] = ..., took_us: _Optional[int] = ..., ranked: _Optional[_Union[RankedColumns, _Mapping]] = ..., removed: _Optional[_Iterable[int]] = ..., fetch: _Optional[_Iterable[_Union[FetchedHit, _Mapping]]] = ..., layout: _Optional[_Union[Layout, _Mapping]] = ..., check: _Optional[str] = ...) -> None: ...

class FetchedHit(_message.Message):
    __slots__ = ("id", "index", "place", "rule")
    ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    id: str
    index: str
    place: int
    rule: str
    def __init__(self, id: _Optional[str] = ..., index: _Optional[str] = ..., place: _Optional[int] = ..., rule: _Optional[str] = ...) -> None: ...

class Layout(_message.Message):
    __slots__ = ("page", "items", "sections")
    PAGE_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    SECTIONS_FIELD_NUMBER: _ClassVar[int]
    page: str
    items: _containers.RepeatedScalarFieldContainer[str]
    sections: _containers.RepeatedCompositeFieldContainer[PageSection]
    def __init__(self, page: _Optional[str] = ..., items: _Optional[_Iterable[str]] = ..., sections: _Optional[_Iterable[_Union[PageSection, _Mapping]]] = ...) -> None: ...

class PageSection(_message.Message):
    __slots__ = ("told", "only", "flows", "most", "first_page")
    TOLD_FIELD_NUMBER: _ClassVar[int]
    ONLY_FIELD_NUMBER: _ClassVar[int]
    FLOWS_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    FIRST_PAGE_FIELD_NUMBER: _ClassVar[int]
    told: str
    only: _containers.RepeatedScalarFieldContainer[str]
    flows: bool
    most: int
    first_page: bool
    def __init__(self, told: _Optional[str] = ..., only: _Optional[_Iterable[str]] = ..., flows: _Optional[bool] = ..., most: _Optional[int] = ..., first_page: _Optional[bool] = ...) -> None: ...

class RankedColumns(_message.Message):
    __slots__ = ("ranks", "scores")
    RANKS_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    ranks: _containers.RepeatedScalarFieldContainer[int]
    scores: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, ranks: _Optional[_Iterable[int]] = ..., scores: _Optional[_Iterable[float]] = ...) -> None: ...

class RankedHit(_message.Message):
    __slots__ = ("id", "rank", "score", "contributions", "rules")
    ID_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTIONS_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    id: str
    rank: int
    score: float
    contributions: _containers.RepeatedCompositeFieldContainer[Contribution]
    rules: _containers.RepeatedCompositeFieldContainer[RuleTouch]
    def __init__(self, id: _Optional[str] = ..., rank: _Optional[int] = ..., score: _Optional[float] = ..., contributions: _Optional[_Iterable[_Union[Contribution, _Mapping]]] = ..., rules: _Optional[_Iterable[_Union[RuleTouch, _Mapping]]] = ...) -> None: ...

class RuleTouch(_message.Message):
    __slots__ = ("rule", "action", "outcome", "detail")
    RULE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    rule: str
    action: str
    outcome: str
    detail: str
    def __init__(self, rule: _Optional[str] = ..., action: _Optional[str] = ..., outcome: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class Contribution(_message.Message):
    __slots__ = ("stage", "name", "value")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    stage: str
    name: str
    value: float
    def __init__(self, stage: _Optional[str] = ..., name: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...

class StageReport(_message.Message):
    __slots__ = ("name", "took_us", "candidates", "figures")
    class FiguresEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    TOOK_US_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    name: str
    took_us: int
    candidates: int
    figures: _containers.ScalarMap[str, float]
    def __init__(self, name: _Optional[str] = ..., took_us: _Optional[int] = ..., candidates: _Optional[int] = ..., figures: _Optional[_Mapping[str, float]] = ...) -> None: ...

class Skip(_message.Message):
    __slots__ = ("stage", "reason", "candidates")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    stage: str
    reason: str
    candidates: int
    def __init__(self, stage: _Optional[str] = ..., reason: _Optional[str] = ..., candidates: _Optional[int] = ...) -> None: ...
