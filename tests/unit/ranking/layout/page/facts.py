"""Pages and hits as the layout stage hands them over, for tests."""

from typing import Any

from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import LayoutWish, Search
from sidecar.ranking.layout.page.facts import PageFacts


def hit(rank: int, **fields: Any) -> Candidate:
    listed = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return Candidate(f"P{rank}", rank, 10.0 - rank, "shop", listed)


def facts(*hits: Candidate, **more: Any) -> PageFacts:
    return PageFacts(**{"candidates": hits, "incoming": hits, **more})


def profile(**structured: Any) -> Profile:
    layout = {"structured_data": structured} if structured else {}
    return Profile.model_validate({"document": {"fields": ["title"]}, "layout": layout})


def search(wish: LayoutWish, **more: Any) -> Search:
    return Search("shoes", (), Deadline.after(1), layout=wish, **more)
