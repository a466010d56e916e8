"""Crawled pages for tests."""

from collections.abc import Sequence
from typing import Any

from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.seo.crawled import Crawled, ResultPage
from sidecar.seo.limits import Limits, Shop

LIMITS = Limits()
NAMED = {"currency": "EUR", "description": "description"}


def shop(**structured: Any) -> Shop:
    told = {"structured_data": structured} if structured else {}
    return Shop.of(Profile.model_validate({"document": {"fields": ["title"]}, "layout": told}))


def hit(id_: str, **fields: Any) -> Candidate:
    title = f"Fine {id_}aa {id_}bb {id_}cc {id_}dd"
    whole = {"title": title, "brand": f"brand {id_}", "category": f"kind {id_}"}
    return Candidate(id_, 1, 1.0, "shop", {name: [value] for name, value in {**whole, **fields}.items()})


def page(*hits: Candidate, **more: Any) -> ResultPage:
    return ResultPage(**{"hits": hits, "total": len(hits), **more})


def crawled(*hits: Candidate, query: str = "shoes", **more: Any) -> Crawled:
    return Crawled(query, more.pop("pages", [page(*hits)]), **more)


def hits(letters: Sequence[str]) -> list[Candidate]:
    return [hit(letter) for letter in letters]
