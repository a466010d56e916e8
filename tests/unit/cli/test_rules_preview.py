"""`reshelf rules preview` against an index that a test plays."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sidecar.cli.steps.rules_preview_flow import PreviewAsked, preview_rules
from sidecar.domain.search import FieldFilter
from sidecar.evaluation.preview.run import Who

PINS = """
rules:
  - {id: cap, then: [{pin: {id: cap, position: 1, on_missing: fetch}}]}
  - {id: boot, then: [{pin: {id: boot, position: 2, on_missing: fetch}}]}
"""


class Index:
    """An OpenSearch client that finds a shoe by words; by id whatever the query's filters let through."""

    documents = (("shoe", "Shoes"), ("cap", "Hats"), ("boot", "Shoes"))

    def search(self, *, index: str, body: dict[str, Any], params: dict[str, str]) -> dict[str, Any]:
        asked = body["query"]
        clauses = asked.get("bool", {}).get("filter", [])
        allowed = [clause["bool"]["should"][0]["terms"]["category"] for clause in clauses]
        named = asked["bool"]["must"][0] if "bool" in asked else asked
        ids = named["ids"]["values"] if "ids" in named else ["shoe"]
        found = [
            {"_id": id_, "_index": index, "_score": 1.0, "_source": {"title": id_, "category": category}}
            for id_, category in self.documents
            if id_ in ids and all(category in values for values in allowed)
        ]
        return {"hits": {"hits": found}}


@pytest.mark.parametrize(
    ("filters", "shown"),
    [((), ["cap", "boot", "shoe"]), ((FieldFilter("category", ("Shoes",)),), ["shoe", "boot"])],
    ids=["no filters", "under filters"],
)
def test_what_is_brought_in_is_under_the_searches_filters(
    tmp_path: Path, filters: tuple[FieldFilter, ...], shown: list[str]
) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "default.yml").write_text("document: {fields: [title]}\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "r.yml").write_text(PINS)
    config = tmp_path / "sidecar.yml"
    settings = {"scorer": {"kind": "order"}, "state_folder": "state", "rules": {"kind": "none"}}
    config.write_text(yaml.safe_dump(settings))
    asked = PreviewAsked(
        config, tmp_path / "rules", "shop", ["shoes"], None, 1, 10, None, False, Who(filters=filters)
    )
    client: Any = Index()
    (found,) = preview_rules(client, asked).queries
    assert [hit.id for hit in found.draft.shown] == shown
