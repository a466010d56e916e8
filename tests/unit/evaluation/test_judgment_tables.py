"""Judgments in the columns of ESCI's release, as CSV and as parquet."""

from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.judgments import JudgedQuery, load_judgments, read_judgments

HEADER = "example_id,query,product_id,esci_label"


def write(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "judged.csv"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def test_rows_are_gathered_by_query(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        b"\xef\xbb\xbf" + HEADER.encode(),
        "1,red shoe,a,E",
        "2,red shoe,b,S",
        '3,"a, ""quoted"" query",c,I',
        "",
        "4,red shoe,c,C",
    )
    assert load_judgments(path) == [
        JudgedQuery(2, "red shoe", {"a": "E", "b": "S", "c": "C"}),
        JudgedQuery(4, 'a, "quoted" query', {"c": "I"}),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("1,,a,E", "`query`: expected words"),
        ("1,x,,E", "'' is no product id"),
        ("1,x,a,Exact", "'Exact' is none of E, S, C, I"),
        ("1,x,a", "4 columns expected, found 3"),
        ("1,x,a,E,5", "4 columns expected, found 5"),
        (b"1,caf\xe9,a,E", "not UTF-8 (byte 6 of the line)"),
        ('1,"x" y,a,E', "not CSV"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_is_read(tmp_path: Path, line: str | bytes, told: str) -> None:
    path = write(tmp_path, HEADER, "1,good,a,E", line, "2,good,b,nope")
    with pytest.raises(ConfigurationError) as refused:
        load_judgments(path)
    assert "2 bad lines" in str(refused.value)
    assert f"judged.csv:3: {told}" in str(refused.value) or f"judged.csv:3: `labels.a`: {told}" in str(
        refused.value
    )
    assert "judged.csv:4:" in str(refused.value)


def test_contradictions_and_repeats_name_both_lines(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, "1,x,a,E", "2,x,b,S", "3,x,b,S")
    assert read_judgments(path).repeated == ["judged.csv:4: b is S on line 3 already"]
    path = write(tmp_path, HEADER, "1,x,a,E", "2,x,b,S", "3,x,b,I")
    with pytest.raises(ConfigurationError, match="b is I here, but S for the same query on line 3"):
        load_judgments(path)


@pytest.mark.parametrize("header", ["query,product_id", "", "a;b"])
def test_missing_columns_are_named(tmp_path: Path, header: str) -> None:
    with pytest.raises(ConfigurationError, match=r"no column .*esci_label\. Needed are query, product_id"):
        load_judgments(write(tmp_path, header, "x,a"))


def parquet(folder: Path, **columns: list[Any]) -> Path:
    path = folder / "judged.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def test_parquet_says_the_same(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        query=["x", "y", "x"],
        product_id=["a", "a", "b"],
        esci_label=["E", "I", "S"],
        split=[1, 2, 3],
    )
    assert load_judgments(path) == [
        JudgedQuery(1, "x", {"a": "E", "b": "S"}),
        JudgedQuery(2, "y", {"a": "I"}),
    ]


def test_bad_parquet_is_told(tmp_path: Path) -> None:
    path = parquet(tmp_path, query=["x", None], product_id=["a", "b"], esci_label=["E", "E"])
    with pytest.raises(ConfigurationError, match=r"judged\.parquet:2: `query`: expected words, found None"):
        load_judgments(path)
    with pytest.raises(ConfigurationError, match="no column product_id, esci_label"):
        load_judgments(parquet(tmp_path, query=["x"]))
    path.write_bytes(b"no parquet")
    with pytest.raises(ConfigurationError, match="not a readable parquet file"):
        load_judgments(path)
