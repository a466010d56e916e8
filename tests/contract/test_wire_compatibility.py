"""The contract as it was promised: what callers have compiled must go on working.

A new field adds a line here. A line is never changed or taken away: give the field a new number, and leave
the old one where it is.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor

from sidecar.wire.reshelf.v1 import events_pb2, rerank_pb2
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire

ROOT = Path(__file__).parents[2]
GENERATED = Path("sidecar/wire/reshelf/v1")
FILES = {"rerank": rerank_pb2.DESCRIPTOR, "events": events_pb2.DESCRIPTOR}


def all_of(kind: str) -> dict[str, Any]:
    """What the files define, by name; `kind` is messages, enums or services."""
    attribute = {"messages": "message_types_by_name", "enums": "enum_types_by_name"}.get(
        kind, "services_by_name"
    )
    return {name: one for file in FILES.values() for name, one in getattr(file, attribute).items()}


MESSAGES = {
    "RerankRequest": """
        1 query Query
        2 candidates repeated Candidate
        3 shopper Shopper
        4 context Context
        5 profile string
        6 explain bool
        7 budget_ms uint32
        8 columns CandidateColumns
        9 strength optional float
        10 page Page
        11 layout LayoutWish
    """,
    "LayoutWish": """
        1 removes bool
        2 fetches bool
        3 metadata bool
        4 structured_data bool
        5 sponsored bool
        6 checks bool
        7 check string
    """,
    "Page": """
        1 start uint32
        2 size uint32
    """,
    "Query": """
        1 text string
        2 id string
        3 index string
        4 filters repeated FieldFilter
    """,
    "FieldFilter": """
        1 field string
        2 values repeated string
    """,
    "Candidate": """
        1 id string
        2 index string
        3 score float
        4 rank uint32
        5 fields map string FieldValue
    """,
    "FieldValue": """
        1 texts repeated string
        2 numbers repeated double
        3 flags repeated bool
    """,
    "CandidateColumns": """
        1 ids repeated string
        2 scores repeated float
        3 indices repeated string
        4 index_of repeated uint32
        5 fields repeated FieldColumn
    """,
    "FieldColumn": """
        1 name string
        2 texts repeated string
        3 numbers repeated double
        4 flags repeated bool
        5 counts repeated uint32
    """,
    "Shopper": """
        1 client_id string
        2 session_id string
        3 user_id string
        4 consent Consent
        5 segments repeated string
    """,
    "Context": """
        1 locale string
        2 device string
        3 channel string
        4 time Timestamp
        5 application string
        6 crawler bool
        7 experiments map string string
    """,
    "RerankResponse": """
        1 hits repeated RankedHit
        2 stages repeated StageReport
        3 skipped repeated Skip
        4 versions map string string
        5 query_id string
        6 reranked bool
        7 took_us uint64
        8 ranked RankedColumns
        9 removed repeated uint32
        10 fetch repeated FetchedHit
        11 layout Layout
        12 check string
    """,
    "FetchedHit": """
        1 id string
        2 index string
        3 place uint32
        4 rule string
    """,
    "Layout": """
        1 page string
        2 items repeated string
        3 sections repeated PageSection
    """,
    "PageSection": """
        1 told string
        2 only repeated string
        3 flows bool
        4 most optional uint32
        5 first_page bool
    """,
    "RankedColumns": """
        1 ranks repeated uint32
        2 scores repeated double
    """,
    "RankedHit": """
        1 id string
        2 rank uint32
        3 score double
        4 contributions repeated Contribution
        5 rules repeated RuleTouch
    """,
    "RuleTouch": """
        1 rule string
        2 action string
        3 outcome string
        4 detail string
    """,
    "Contribution": """
        1 stage string
        2 name string
        3 value double
    """,
    "StageReport": """
        1 name string
        2 took_us uint64
        3 candidates uint32
        4 figures map string double
    """,
    "Skip": """
        1 stage string
        2 reason string
        3 candidates uint32
    """,
    "SendEventsRequest": """
        1 events repeated UbiEvent
    """,
    "UbiEvent": """
        1 application string
        2 action_name string
        3 client_id string
        4 user_id string
        5 session_id string
        6 query_id string
        7 timestamp Timestamp
        8 event_id string
        9 consent optional bool
        10 event_attributes UbiEventAttributes
    """,
    "UbiEventAttributes": """
        1 object UbiObject
        2 position UbiPosition
        3 dwell_time double
        4 ip string
        5 browser string
    """,
    "UbiObject": """
        1 object_id string
        2 internal_id string
    """,
    "UbiPosition": """
        1 ordinal optional int64
    """,
    "SendEventsResponse": """
        1 accepted uint32
        2 repeated uint32
        3 ignored map string uint32
        4 refused repeated RefusedEvent
    """,
    "RefusedEvent": """
        1 index uint32
        2 field string
        3 reason string
    """,
}
ENUMS = {"Consent": {"CONSENT_UNSPECIFIED": 0, "CONSENT_GRANTED": 1, "CONSENT_DENIED": 2}}
METHODS = {
    "Reranker": {"Rerank": ("RerankRequest", "RerankResponse")},
    "Events": {"Send": ("SendEventsRequest", "SendEventsResponse")},
}

TYPES = {
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_FLOAT: "float",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_UINT64: "uint64",
}


def type_of(field: FieldDescriptor) -> str:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        entry = field.message_type.fields_by_name
        return f"map {type_of(entry['key'])} {type_of(entry['value'])}"
    named = field.message_type or field.enum_type
    plain = named.name if named is not None else TYPES[field.type]
    if field.is_repeated:
        return f"repeated {plain}"
    told = field.containing_oneof is not None and field.has_presence
    return f"optional {plain}" if told else plain


@pytest.mark.parametrize("name", MESSAGES)
def test_numbers_names_and_types_of_fields(name: str) -> None:
    promised = [line.strip() for line in MESSAGES[name].strip().splitlines()]
    message = all_of("messages")[name]
    assert [f"{field.number} {field.name} {type_of(field)}" for field in message.fields] == promised


def test_columns_of_numbers_are_packed() -> None:
    sent = wire.CandidateColumns(scores=[1.0] * 100, index_of=[1] * 100)
    assert sent.ByteSize() == 3 + 400 + 2 + 100
    answered = wire.RankedColumns(ranks=[1] * 100, scores=[1.0] * 100)
    assert answered.ByteSize() == 2 + 100 + 3 + 800


def test_no_message_without_a_promise() -> None:
    assert set(all_of("messages")) == set(MESSAGES)


def test_enums() -> None:
    found = {
        name: {value.name: value.number for value in enum.values} for name, enum in all_of("enums").items()
    }
    assert found == ENUMS


def test_services() -> None:
    found = {
        name: {method.name: (method.input_type.name, method.output_type.name) for method in service.methods}
        for name, service in all_of("services").items()
    }
    assert found == METHODS
    assert {file.package for file in FILES.values()} == {"reshelf.v1"}


@pytest.mark.parametrize("file", FILES)
def test_the_generated_code_is_that_of_the_contract(tmp_path: Path, file: str) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", "-Isidecar/wire=proto", "--include_source_info"),
            *(f"--python_out={tmp_path}", f"--pyi_out={tmp_path}", f"--grpc_python_out={tmp_path}"),
            f"--descriptor_set_out={tmp_path / GENERATED.name}.binpb",
            f"proto/reshelf/v1/{file}.proto",
        ],
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    for name in (f"{file}_pb2.py", f"{file}_pb2.pyi", f"{file}_pb2_grpc.py"):
        assert (tmp_path / GENERATED / name).read_bytes() == (ROOT / GENERATED / name).read_bytes(), (
            f"{name} is not what the contract gives: run `make proto`"
        )
    compiled = (tmp_path / f"{GENERATED.name}.binpb").read_bytes()
    assert compiled == (ROOT / GENERATED / f"{file}.descriptors.binpb").read_bytes(), "run `make proto`"


def test_every_file_of_the_contract_is_held() -> None:
    assert {path.stem for path in (ROOT / "proto/reshelf/v1").glob("*.proto")} == set(FILES)
