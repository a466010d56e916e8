"""The demo's layout rules: published, seen in the next search, and taken back."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sidecar.rules.language.rule import Rule
from sidecar.rules.release_store import ReleaseStore
from sidecar.rules.rule_set import RuleSet
from sidecar.stack.errors import StackError
from sidecar.stack.loopback_http import call_json

Body = Callable[..., dict[str, Any]]

WITHIN = 20.0
"""Seconds that a version may take on a busy machine; two are usual."""
AMONG = 20
MOST_OF_A_BRAND = 2


class RulesShown:
    """Shows what three rules do to one search."""

    def __init__(
        self, client: Any, index: str, body: Body, store: ReleaseStore, sidecar: str, console: Console
    ) -> None:
        """`client` is a plain opensearch-py client, `sidecar` the URL of the sidecar's HTTP."""
        self._client = client
        self._index = index
        self._body = body
        self._store = store
        self._sidecar = sidecar
        self._console = console

    def show(self, query: str, shown: int) -> None:
        """The search without and with the rules; what was published before is in force again at the end."""
        before = self._hits(query, AMONG)
        if len(before) < shown:
            self._console.print("Too few hits to lay out.")
            return
        rules = _rules(query, before)
        latest = self._store.latest()
        kept = getattr(latest, "rules", RuleSet().to_json())
        for rule in rules:
            written = ", ".join(json.dumps(action) for action in rule["then"])
            self._console.print(f"  rule {rule['id']}: {written}", markup=False)
        took = self._publish(RuleSet.of(Rule.model_validate(rule) for rule in rules).to_json(), "the demo")
        try:
            answer = self._search(query, shown, layout=True, explain=True)
        finally:
            self._publish(kept, "the demo is over")
        after = answer["hits"]["hits"]
        table = Table(title=f"“{query}”", title_justify="left", expand=False)
        table.add_column("", justify="right", min_width=2)
        table.add_column("without rules", max_width=50, no_wrap=True)
        table.add_column("with rules", max_width=50, no_wrap=True)
        table.add_column("what rules did", max_width=40)
        told = answer["ext"]["reshelf"].get("hits", [])
        for place, (old, new) in enumerate(zip(before, after, strict=False), 1):
            does = told[place - 1].get("rules", []) if place <= len(told) else []
            table.add_row(str(place), _title(old), _title(new), _words(does))
        self._console.print(table)
        explained = answer["ext"]["reshelf"].get("layout", {}).get("explain", {})
        hidden = ", ".join(f"{hit['id']} ({hit['rule']})" for hit in explained.get("hidden", []))
        self._console.print(
            f"  in force {took:.1f} s after publishing; hidden: {escape(hidden) or 'nothing'}\n"
        )

    def _publish(self, rules: str, why: str) -> float:
        """The seconds until the sidecar has them. Raises StackError where it does not take them up."""
        latest = self._store.latest()
        expected = latest.number if latest is not None else 0
        release = self._store.publish(rules, who="demo", why=why, expected=expected)
        begin = time.monotonic()
        while call_json("GET", f"{self._sidecar}/health/ready").get("rules") != release.name:
            if time.monotonic() - begin > WITHIN:
                raise StackError(
                    f"rules {release.name} are not in force after {WITHIN:g} s: reshelf stack logs sidecar"
                )
            time.sleep(0.05)
        return time.monotonic() - begin

    def _hits(self, query: str, size: int) -> list[dict[str, Any]]:
        return list(self._search(query, size)["hits"]["hits"])

    def _search(self, query: str, size: int, **said: Any) -> dict[str, Any]:
        body = self._body(query, size=size, ext={"reshelf": said})
        answer: dict[str, Any] = self._client.search(index=self._index, body=body)
        return answer


def _rules(query: str, hits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hide the first hit, pin the last one, and no more than two of the most frequent brand at the top."""
    brand = Counter(str(hit["_source"].get("brand")) for hit in hits[:8]).most_common(1)[0][0]
    when = {"query": {"exact": query}}
    return [
        {"id": "recalled", "when": when, "then": [{"hide": {"ids": [hits[0]["_id"]]}}]},
        {"id": "campaign", "when": when, "then": [{"pin": {"id": hits[-1]["_id"], "position": 2}}]},
        {
            "id": "variety",
            "description": f"{brand} has the most of the first hits",
            "when": when,
            "then": [{"diversify": {"max_per_field": {"brand": MOST_OF_A_BRAND}, "first": 8}}],
        },
    ]


def _title(hit: dict[str, Any]) -> str:
    source = hit["_source"]
    brand = str(source.get("brand") or "")
    title = str(source["title"])
    return escape(title if title.startswith(brand) else f"{brand} · {title}")


def _words(touches: Sequence[dict[str, Any]]) -> str:
    return escape(
        "; ".join(f"{touch['rule']}: {touch.get('detail') or touch['outcome']}" for touch in touches)
    )
