"""A document that a layout rule had fetched: its clicks are attributed, and nothing is learned of what nobody
knows."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from sidecar.config.engagement import Engagement
from sidecar.config.online_blend import OnlineBlend
from sidecar.config.personalization import Examination, Personalization
from sidecar.domain.event import EventKind
from sidecar.feedback.blend_learner import BlendLearner
from sidecar.feedback.engagement_keys import item_key
from sidecar.served.log import ServedRow
from sidecar.served.memory import MemoryServedLog
from sidecar.served.rows import list_row, ubi_lines
from sidecar.taste.choices import ChoiceGatherer
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import OpenPage, Taste
from sidecar.taste.update import Effect, update
from tests.fixtures import taste_lists
from tests.fixtures.applying import bench, event
from tests.fixtures.served_lists import NOW, key, outcome, served_list

FETCHED = 1
SETTINGS = Personalization()


def with_fetched(served: ServedList, *places: int) -> ServedList:
    """The list, these places being fetched documents."""

    def blank(values: np.ndarray) -> np.ndarray:
        blanked = values.copy()
        blanked[list(places)] = 0
        return blanked

    traits = replace(
        served.traits, keys=blank(served.traits.keys), numbers=blank(served.traits.numbers), vectors=None
    )
    return replace(
        served,
        ranks=blank(served.ranks),
        scores=blank(served.scores),
        residuals=blank(served.residuals),
        features=blank(served.features),
        traits=traits,
    )


async def test_a_click_on_it_is_an_outcome_and_in_no_figure(tmp_path: Path) -> None:
    log = MemoryServedLog(10_000_000)
    async with bench(tmp_path, log=log, engagement=Engagement(flush_ms=20, page_close_seconds=60)) as found:
        found.served.add(with_fetched(served_list(), FETCHED))
        found.served.add(served_list("later", "bert", ids=["z0", "z1"]))
        await found.settle(event(object_id="p1", dwell=5.0), event(object_id="p2", time=NOW + 6))
        await found.settle(event("later", "bert", object_id="z1", time=NOW + 200))
        assert found.figure("reshelf_events_attributed_total", result="hit") == 3
        (outcomes,) = await log.outcomes([key("q")])
        assert [(one.object_id, one.place) for one in outcomes] == [("p1", 1), ("p2", 2)]
        known = await found.store.get([item_key("p0"), item_key("p1"), item_key("p2")])
        assert [one is not None for one in known] == [True, False, True]


def test_a_taste_learns_of_the_hits_around_it_as_if_it_were_not_there() -> None:
    brands = ["acme", "", "bolt", "core"]
    one, other = (Taste.empty(NOW) for _ in range(2))
    served = with_fetched(taste_lists.served_list(brands), FETCHED)
    lists = {served.query: served}
    clicked = update(one, taste_lists.event(FETCHED), lists, SETTINGS, NOW)
    assert clicked.effect is Effect.FETCHED_HIT
    assert not one.learned
    assert not len(one.keys)
    update(one, taste_lists.event(2), lists, SETTINGS, NOW)
    update(other, taste_lists.event(2), lists, SETTINGS, NOW)
    np.testing.assert_array_equal(one.long_mean, other.long_mean)


def test_a_page_of_nothing_else_teaches_nothing() -> None:
    served = with_fetched(taste_lists.served_list(["", "acme"], page_size=1), 0)
    later = taste_lists.served_list(["zeta"], query=2)
    lists = {served.query: served, later.query: later}
    profile = Taste.empty(NOW)
    update(profile, taste_lists.event(0), lists, SETTINGS, NOW)
    told = update(
        profile,
        taste_lists.event(0, EventKind.IMPRESSION, query=2, time=NOW + 900),
        lists,
        SETTINGS,
        NOW + 900,
    )
    assert (told.pages, told.skips, told.outcomes) == (1, 0, 0)
    assert not len(profile.keys)


def test_the_online_blend_has_no_row_for_it() -> None:
    served = with_fetched(served_list(), FETCHED)
    clicks = {FETCHED: EventKind.CLICK, 2: EventKind.CLICK}
    learner = BlendLearner(OnlineBlend(counts="proven"), Examination())
    step = learner._step(served, OpenPage(served.query, NOW, outcomes=clicks))
    assert step is not None
    unclicked = learner._step(served, OpenPage(served.query, NOW, outcomes={2: EventKind.CLICK}))
    assert unclicked is not None
    np.testing.assert_array_equal(step.z, unclicked.z)
    assert (step.loss, step.hits) == (unclicked.loss, unclicked.hits)


def test_no_choice_is_made_of_it() -> None:
    served = with_fetched(taste_lists.served_list(["acme", "", "bolt"]), FETCHED)
    gatherer = ChoiceGatherer(SETTINGS, ["brand"])
    gatherer.add(b"s", served, [FETCHED, 2])
    assert gatherer.clicks == 1
    assert gatherer.choices(1, 9).offered[0][FETCHED] < -1e8


def test_it_is_exported_without_figures_and_as_shown_only_where_it_was_clicked() -> None:
    served = with_fetched(served_list(hits=4, page=(0, 4)), 1, 2)
    row = ServedRow(served, [outcome(object_id="p2", place=2)])
    hits = list_row(row)["hits"]
    assert hits[1] == {"id": "p1", "fetched": True, "seen": False}
    assert hits[2] == {"id": "p2", "fetched": True, "seen": True, "outcome": "click", "dwell": 2.5}
    assert hits[3]["rank"]
    lines = [
        (line["action_name"], line["event_attributes"]["object"]["object_id"])
        for line in list(ubi_lines(row, "shoe"))[1:]
    ]
    assert lines == [
        ("impression", "p0"),
        ("impression", "p2"),
        ("click", "p2"),
        ("impression", "p3"),
    ]
