"""The audit as a whole: from a cluster's answers to what people and machines read."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sidecar.config.errors import ConfigurationError
from sidecar.seo.audit import audit, crawl_all
from sidecar.seo.bars import svg
from sidecar.seo.crawl import Crawler, CrawlPlan
from sidecar.seo.html_page import html_page
from sidecar.seo.table import findings_table
from sidecar.seo.top_queries import top_queries
from tests.fixtures.browser import widths
from tests.unit.seo.pages import LIMITS, NAMED, crawled, hit, hits, shop


class Cluster:
    """Answers every search with the same eight documents, and keeps what it was asked."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def search(self, *, index: str, body: dict[str, Any]) -> dict[str, Any]:
        self.bodies.append(body)
        every = [
            {
                "_id": letter,
                "_index": index,
                "_score": None if letter == "b" else 1.0,
                "_source": {"title": letter},
            }
            for letter in "abcdefgh"
        ]
        return {
            "hits": {"hits": every[body["from"] : body["from"] + body["size"]], "total": {"value": 8}},
            "ext": {
                "reshelf": {
                    "reranked": True,
                    "skipped": [{"stage": "personalization", "reason": "crawler"}],
                    "layout": {"pages": {}},
                }
            },
        }


def test_crawlers_ask_as_crawlers_and_strangers_leave_no_trace() -> None:
    cluster = Cluster()
    plan = CrawlPlan(size=3, pages=2, repeats=1, strangers=2, fields=["title"])
    (found,) = crawl_all(Crawler(cluster, "shop", plan), ["red shoes"], lambda done, query: None)  # type: ignore[arg-type]
    assert [page.ids for page in found.pages] == [["a", "b", "c"], ["d", "e", "f"]]
    assert found.whole == list("abcdef")
    assert found.repeated == [["a", "b", "c"]] and len(found.strangers) == 2
    who = [body["ext"]["reshelf"] for body in cluster.bodies]
    assert len(who) == plan.searches == 6
    assert all(one["crawler"] and one["structured_data"] for one in who[:4])
    assert all(one["consent"] is False and "crawler" not in one for one in who[4:])
    assert len({one["session_id"] for one in who[4:]}) == 2
    assert found.first.layout == {"pages": {}}
    # Not to be personal for a crawler is no fault.
    assert found.first.incomplete == ""


def test_worst_first_in_every_output() -> None:
    evil = hit("<b>", title="<script>alert(1)</script> & more of it")
    found = audit("shop", [crawled(evil, query="<i>shoes</i>"), crawled()], shop(**NAMED), LIMITS)
    assert [one.severity for one in found.findings] == sorted(
        (one.severity for one in found.findings), key=["error", "warning", "note"].index
    )
    told = json.loads(json.dumps(found.to_json()))
    assert told["counts"]["error"] == found.count("error") > 0
    assert told["distributions"]["hits"]["values"] == {"0": 1, "1": 1}
    page = html_page(found)
    assert "<i>shoes" not in page and "&lt;i&gt;shoes" in page
    assert "<script" not in page and 'src="' not in page and "http" not in page.replace("http-equiv", "")
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(findings_table(found))
    assert "empty-page" in console.export_text()


def test_the_page_is_as_wide_as_the_window(tmp_path: Path) -> None:
    long = crawled(hit("a" * 60), query="w" * 80)
    page = html_page(audit("shop", [long, crawled(*hits("abcd"))], shop(**NAMED), LIMITS))
    found = widths(tmp_path, page, "figure, svg, .tile", 380)
    assert found.page <= 380
    assert found.ends and max(found.ends) <= 380


def test_what_fails_a_build() -> None:
    bare = crawled(*hits("abcd"), repeated=[list("abcd")])
    found = audit("shop", [bare], shop(**{**NAMED, "currency": ""}), LIMITS)
    assert found.fails("error") and found.fails("note")
    fine = audit("shop", [], shop(), LIMITS)
    assert not fine.fails("note") and fine.pictures == []
    assert "Nothing was found" in html_page(fine)


def test_pictures_mark_what_findings_tell_of() -> None:
    found = audit("shop", [crawled(*hits("ab")), crawled(*hits("abcdef"))], shop(), LIMITS)
    first = svg(found.pictures[0])
    assert first.count('class="bad"') == 1 and first.count("<rect") == 7


def test_the_most_frequent_queries_of_a_file(tmp_path: Path) -> None:
    plain = tmp_path / "queries.txt"
    plain.write_text("red shoes\nboots\n\nRED  shoes\nhats\n")
    assert top_queries(plain, 2) == ["red shoes", "boots"]
    ubi = tmp_path / "ubi.ndjson"
    lines = [
        {"user_query": "boots", "query_id": "1"},
        {"action_name": "click"},
        {"query": "hats"},
        {"user_query": "hats"},
    ]
    ubi.write_text("\n".join(map(json.dumps, lines)))
    assert top_queries(ubi, 9) == ["hats", "boots"]


@pytest.mark.parametrize("content", [b"", b"\n \n", b'{"other": 1}\n', b"\xff\xfe\x00"])
def test_a_file_without_queries(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "queries"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match="queries"):
        top_queries(file, 5)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        top_queries(tmp_path / "missing", 5)
