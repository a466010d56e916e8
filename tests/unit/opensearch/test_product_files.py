"""Reading products: every row is either a product or a refusal that names its line."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.config.errors import ConfigurationError
from sidecar.opensearch.product import MAX_ID_BYTES, Product, Refusal, check_product
from sidecar.opensearch.product_files import MAX_LINE, JsonLines, open_products, parse_line

GOOD = {"product_id": "a", "title": "Red shoe", "price": 12.5, "category": ["Shoes"], "rating_count": 3}


def write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"\n".join(lines))
    return path


def refusals(path: Path) -> dict[int, str]:
    return {row.number: row.reason for row in open_products(path) if isinstance(row, Refusal)}


def test_a_good_line_is_sent_as_it_stands() -> None:
    document = {**GOOD, "image": None, "own_field": {"nested": [1, 2]}}
    row = parse_line(7, json.dumps(document).encode())
    assert row == Product(7, "a", document)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"product_id": None}, "`product_id`"),
        ({"product_id": 42}, "`product_id`: expected text, found 42"),
        ({"product_id": ""}, "`product_id`"),
        ({"product_id": "  "}, "`product_id`: blank"),
        ({"product_id": "é" * MAX_ID_BYTES}, "longer than 512 bytes"),
        ({"title": None}, "`title`"),
        ({"title": ["x"]}, "`title`"),
        ({"price": "12"}, "`price`"),
        ({"price": -1}, "`price`"),
        ({"price": True}, "`price`"),
        ({"rating_count": 1.5}, "`rating_count`"),
        ({"rating_count": 2**63}, "`rating_count`"),
        ({"stock": -1}, "`stock`"),
        ({"bullet_points": [1]}, "`bullet_points`: expected text, found [1]"),
        ({"category": {"a": 1}}, "`category`"),
        ({"title": "\ud800"}, "`title`: not valid Unicode"),
        ({"own": ["\udfff"]}, "`own`: not valid Unicode"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], told: str) -> None:
    row = check_product(3, {**GOOD, **change})
    assert isinstance(row, Refusal)
    assert row.number == 3
    assert told in row.reason
    assert row.reason.count("`") == 2, "one sentence for one field"


@pytest.mark.parametrize("missing", ["product_id", "title"])
def test_a_missing_field_is_named(missing: str) -> None:
    row = check_product(1, {key: value for key, value in GOOD.items() if key != missing})
    assert row == Refusal(1, f"`{missing}`: missing", None if missing == "product_id" else "a")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"nope", "not JSON"),
        (b"[1]", "expected an object with product fields, found list"),
        (b'{"product_id": "a", "title": "x", "price": NaN}', "NaN is no JSON number"),
        (b'{"product_id": "a", "title": "x", "price": 1e999}', "`price`"),
        (b'{"product_id": "a", "title": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"product_id": "a"', "not JSON"),
    ],
)
def test_a_broken_line_is_told(line: bytes, told: str) -> None:
    row = parse_line(9, line)
    assert isinstance(row, Refusal)
    assert told in row.reason


@given(st.binary(max_size=200))
def test_no_line_whatever_stops_the_load(line: bytes) -> None:
    row = parse_line(1, line)
    assert isinstance(row, Product | Refusal)


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "description", "brand", "rating", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
            ),
            max_leaves=5,
        ),
    )
)
def test_what_is_accepted_can_be_sent(document: dict[str, object]) -> None:
    row = check_product(1, document)
    if isinstance(row, Product):
        assert row.id == document["product_id"]
        json.dumps(row.document, ensure_ascii=False).encode()


def test_lines_are_counted_as_editors_count_them(tmp_path: Path) -> None:
    good = [json.dumps({**GOOD, "product_id": str(number)}).encode() for number in range(3)]
    path = write(tmp_path / "p.jsonl", good[0], b"", b"bad", good[1], b"   ", good[2], b"")
    rows = list(open_products(path))
    assert [(row.number, type(row).__name__) for row in rows] == [
        (1, "Product"),
        (3, "Refusal"),
        (4, "Product"),
        (6, "Product"),
    ]


def test_an_id_that_came_before_is_refused(tmp_path: Path) -> None:
    line = json.dumps(GOOD).encode()
    assert refusals(write(tmp_path / "p.jsonl", line, line)) == {2: "`product_id`: already in row 1"}


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    path = tmp_path / "products.jsonl"
    path.write_bytes(gzip.compress(json.dumps(GOOD).encode()))
    assert [row.id for row in open_products(path) if isinstance(row, Product)] == ["a"]


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_gzip_is_told(tmp_path: Path, damage: str) -> None:
    lines = b"\n".join(
        json.dumps({**GOOD, "product_id": str(number), "x": str(number**9)}).encode()
        for number in range(2000)
    )
    packed = bytearray(gzip.compress(lines))
    if damage == "cut":
        del packed[-200:]
    else:
        packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "p.gz"
    path.write_bytes(packed)
    assert any("cannot be read from here on" in reason for reason in refusals(path).values())


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    assert [row.id for row in open_products(path) if isinstance(row, Product)] == ["a"]


def test_an_overlong_line_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    overlong = b'{"product_id": "big", "title": "' + b"x" * (2 * MAX_LINE) + b'"}'
    path = write(tmp_path / "p.jsonl", overlong, json.dumps(GOOD).encode())
    first, second = open_products(path)
    assert isinstance(first, Refusal)
    assert "longer than 16 MiB" in first.reason
    assert isinstance(second, Product)
    assert second.number == 2


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    rows = JsonLines(write(tmp_path / "p.jsonl", json.dumps(GOOD).encode()))
    assert rows.done == 0
    assert len(list(rows)) == 1
    assert rows.done == rows.total > 0


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        open_products(tmp_path / "none")


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert list(open_products(write(tmp_path / "p.jsonl", b""))) == []
