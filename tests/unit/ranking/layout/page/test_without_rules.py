"""Structured data does not wait for rules."""

import json

import numpy as np

from sidecar.domain.search import LayoutWish
from sidecar.ranking.layout.page.without_rules import told_without_rules
from sidecar.ranking.standing import Standing
from tests.unit.ranking.layout.page.facts import hit, profile, search

STANDING = Standing([hit(2, title="Boot"), hit(1, title="Shoe")], np.array([2.0, 1.0]))


def test_the_hits_are_described_in_their_order() -> None:
    told = told_without_rules(search(LayoutWish(structured_data=True)), profile(currency="EUR"), STANDING)
    assert told.candidates is STANDING.candidates
    assert told.arranged is not None and told.arranged.layout is not None
    assert [json.loads(item)["name"] for item in told.arranged.layout.items] == ["Boot", "Shoe"]
    assert not told.arranged.removed and not told.arranged.record


def test_who_asked_for_nothing_gets_the_very_same_standing() -> None:
    for wish in (LayoutWish(), LayoutWish(removes=True, fetches=True), LayoutWish(metadata=True)):
        assert told_without_rules(search(wish), profile(currency="EUR"), STANDING) is STANDING
    # Nor where the profile does not say what to tell, or there is nothing to describe.
    assert told_without_rules(search(LayoutWish(structured_data=True)), profile(), STANDING) is STANDING
    empty = Standing([], np.array([]))
    assert (
        told_without_rules(search(LayoutWish(structured_data=True)), profile(currency="EUR"), empty) is empty
    )
