"""A search that showed nothing: its list tells of rules, and nothing is learned from it."""

from pathlib import Path

from sidecar.config.engagement import Engagement
from sidecar.config.online_blend import OnlineBlend
from sidecar.config.personalization import Examination, Personalization
from sidecar.domain.event import EventKind
from sidecar.feedback.blend_learner import BlendLearner
from sidecar.feedback.engagement_keys import SHOP, item_key
from sidecar.served.cut import cut
from sidecar.served.log import ServedRow
from sidecar.served.memory import MemoryServedLog
from sidecar.served.rows import list_row, ubi_lines
from sidecar.taste.choices import ChoiceGatherer
from sidecar.taste.state import OpenPage, Taste
from sidecar.taste.update import Effect, update
from tests.fixtures import taste_lists
from tests.fixtures.applying import bench, event
from tests.fixtures.served_lists import NOW, served_list

SETTINGS = Personalization()
EMPTY = served_list(hits=0, vectors=3)


async def test_its_events_belong_to_no_hit_and_are_in_no_figure(tmp_path: Path) -> None:
    log = MemoryServedLog(10_000_000)
    async with bench(tmp_path, log=log, engagement=Engagement(flush_ms=20, page_close_seconds=60)) as found:
        found.served.add(EMPTY)
        await found.settle(event(object_id="p1"), event(object_id="p1", kind=EventKind.IMPRESSION))
        await found.settle(event("later", object_id="p1", time=NOW + 200))
        assert found.figure("reshelf_events_attributed_total", result="not_served") == 2
        assert await found.store.get([item_key("p1"), SHOP]) == [None, None]


def test_a_page_that_was_open_closes_on_it() -> None:
    """The query was served again, and a rule that is new hides all of it."""
    before = taste_lists.served_list(["acme", "bolt", "core"])
    empty = cut(before, 0)
    profile = Taste.empty(NOW)
    update(profile, taste_lists.event(1), {before.query: before}, SETTINGS, NOW)
    learned = profile.copy()
    assert update(profile, taste_lists.event(2), {empty.query: empty}, SETTINGS, NOW).effect is (
        Effect.UNKNOWN_HIT
    )
    later = taste_lists.served_list(["zeta"], query=2)
    told = update(
        profile,
        taste_lists.event(0, EventKind.IMPRESSION, query=2, time=NOW + 900),
        {empty.query: empty, later.query: later},
        SETTINGS,
        NOW + 900,
    )
    assert (told.pages, told.skips, told.outcomes) == (1, 0, 0)
    assert list(profile.keys) == list(learned.keys)


def test_the_online_blend_and_choices_have_nothing_of_it() -> None:
    clicks = {2: EventKind.CLICK}
    learner = BlendLearner(OnlineBlend(counts="proven"), Examination())
    assert learner._step(EMPTY, OpenPage(EMPTY.query, NOW, outcomes=clicks)) is None
    gatherer = ChoiceGatherer(SETTINGS, ["brand"])
    gatherer.add(b"s", EMPTY, [2])
    assert gatherer.clicks == 0


def test_it_is_exported_as_a_query_without_impressions() -> None:
    row = ServedRow(EMPTY, [])
    assert list_row(row)["hits"] == []
    assert [line["user_query"] for line in ubi_lines(row, "shoe")] == ["shoe"]
