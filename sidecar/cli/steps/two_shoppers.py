"""Two shoppers of the demo: what they put into their carts, and how they then see the same words."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sidecar.cli.steps.event_sending import EventSender

Body = Callable[..., dict[str, Any]]
"""The search of some words, with more keys of the request."""

AMONG = 20
"""Best hits that a brand is chosen from,"""
LEAST = 3
"""with so many of them."""
VISITS = 5
STYLES = ("bold magenta", "bold cyan")
APPLIED_WITHIN = 0.3
"""Seconds; 0.05 is what it takes on an idle machine."""


@dataclass(frozen=True)
class Shopper:
    """`client_id` is new in every demo, so that nobody is known at its beginning."""

    client_id: str
    brand: str
    style: str


class TwoShoppers:
    """Shows that the order follows what a shopper does."""

    def __init__(self, client: Any, index: str, body: Body, sender: EventSender, console: Console) -> None:
        """`client` is a plain opensearch-py client."""
        self._client = client
        self._index = index
        self._body = body
        self._sender = sender
        self._console = console

    def show(self, queries: Iterable[str], shown: int) -> None:
        """The first of the queries that finds two brands; nothing where none does."""
        for query in queries:
            brands = self._brands(query)
            if len(brands) == len(STYLES):
                self._show(query, brands, shown)
                return
        self._console.print("No query finds several hits of two brands: nothing to show here.")

    def _brands(self, query: str) -> list[str]:
        """The two that most of the best hits are of."""
        found = Counter(_brand(hit) for hit in self._search(query, size=AMONG)["hits"]["hits"])
        return [brand for brand, count in found.most_common(len(STYLES)) if brand and count >= LEAST]

    def _show(self, query: str, brands: Sequence[str], shown: int) -> None:
        shoppers = [
            Shopper(f"demo-{uuid.uuid4()}", brand, style) for brand, style in zip(brands, STYLES, strict=True)
        ]
        unknown = self._search(query, size=shown, client_id=f"demo-{uuid.uuid4()}")["hits"]["hits"]
        for shopper in shoppers:
            for _ in range(VISITS):
                self._put_into_cart(query, shopper)
        time.sleep(APPLIED_WITHIN)
        answers = [
            self._search(query, size=shown, client_id=shopper.client_id, explain=True) for shopper in shoppers
        ]
        table = Table(title=f"“{query}”", title_justify="left", expand=False)
        table.add_column("", justify="right", min_width=2)
        table.add_column("nobody knows this shopper", max_width=42, no_wrap=True)
        for shopper in shoppers:
            heading = f"put {VISITS} of [{shopper.style}]{escape(shopper.brand)}[/] into the cart"
            table.add_column(heading, max_width=42, no_wrap=True)
        columns = [unknown, *(answer["hits"]["hits"] for answer in answers)]
        for place, hits in enumerate(zip(*columns, strict=True), 1):
            table.add_row(str(place), *(_title(hit, shoppers) for hit in hits))
        self._console.print(table)
        for shopper, answer in zip(shoppers, answers, strict=True):
            self._console.print(_why(shopper, answer))
        self._console.print()

    def _put_into_cart(self, query: str, shopper: Shopper) -> None:
        """A search, and the first hit of the shopper's brand."""
        answer = self._search(query, size=AMONG, client_id=shopper.client_id)
        hit = next((hit for hit in answer["hits"]["hits"] if _brand(hit) == shopper.brand), None)
        if hit is None:
            return
        event = {
            "action_name": "add_to_cart",
            "client_id": shopper.client_id,
            "query_id": answer["ext"]["reshelf"]["query_id"],
            "timestamp": int(time.time() * 1000),
            "event_attributes": {"object": {"object_id": hit["_id"]}},
        }
        self._sender.send([event])

    def _search(self, query: str, *, size: int, **said: Any) -> dict[str, Any]:
        body = self._body(query, size=size, ext={"reshelf": said})
        answer: dict[str, Any] = self._client.search(index=self._index, body=body)
        return answer


def _brand(hit: dict[str, Any]) -> str:
    return str(hit["_source"].get("brand") or "")


def _title(hit: dict[str, Any], shoppers: Sequence[Shopper]) -> str:
    style = next((shopper.style for shopper in shoppers if shopper.brand == _brand(hit)), "default")
    title, brand = hit["_source"]["title"], _brand(hit)
    shown = title if title.startswith(brand) else f"{brand} · {title}"
    return f"[{style}]{escape(shown)}[/]"


def _why(shopper: Shopper, answer: dict[str, Any]) -> str:
    """What moved the first hit of the shopper's brand, in the words of `explain`."""
    places = [place for place, hit in enumerate(answer["hits"]["hits"]) if _brand(hit) == shopper.brand]
    if not places:
        return f"  no hit of [{shopper.style}]{escape(shopper.brand)}[/] among the first"
    parts = [
        f"{part['name']} {part['value']:+.2f}"
        for part in answer["ext"]["reshelf"]["hits"][places[0]]["contributions"]
        if part["stage"] == "personalization" and abs(part["value"]) >= 0.005
    ]
    told = ", ".join(parts) or "nothing personal"
    return f"  what moved the first [{shopper.style}]{escape(shopper.brand)}[/]: {escape(told)}"
