"""What becomes of checked events, whichever road they came by."""

import time
from pathlib import Path
from typing import Any

import pytest

from sidecar.domain.event import KeyedEvent
from sidecar.feedback.intake import Refused
from sidecar.feedback.journal import JournalFull
from sidecar.feedback.told import Told
from sidecar.feedback.ubi import read_event
from sidecar.profiles.keying import Keys
from tests.fixtures.events import SECRET, WayIn, needs_sample, sample_events, ubi, way_in


async def one(where: WayIn, **more: Any) -> KeyedEvent:
    """The event as it was kept."""
    before = where.journal.last
    receipt = await where.intake.take([read_event(ubi(**more))], "test")
    assert receipt.accepted == 1, receipt
    return (await where.journal.read(before, 2))[0][1]


async def test_only_keys_are_kept(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where:
        told = {
            "client_id": "Client Zero",
            "user_id": "User Zero",
            "query_id": "Query Zero",
            "user_query": "Words",
        }
        event = await one(where, **told)
        keys = Keys([SECRET])
        assert event.client == keys.client("Client Zero")
        assert event.user == keys.user("User Zero")
        assert event.query == keys.query("Query Zero")
        assert event.object_id == "item-0"
        assert event.position == 1
    for file in sorted(tmp_path.iterdir()):  # noqa: ASYNC240 - a few small files
        content = file.read_bytes()
        assert not any(word in content for word in (b"Zero", b"Words", b"session", SECRET)), file


async def test_the_parts_of_a_receipt_add_up(tmp_path: Path) -> None:
    told = [
        read_event(ubi(1)),
        read_event(ubi(1)),
        Refused(2, "timestamp", "expected ISO 8601"),
        Told(action="click"),
        read_event(ubi(2, consent=False)),
        read_event(ubi(3, event_attributes={"browser": "Googlebot/2.1"})),
        read_event(ubi(4)),
    ]
    async with way_in(tmp_path) as where:
        receipt = await where.intake.take(told, "test")
        assert (receipt.accepted, receipt.repeated) == (2, 1)
        assert receipt.ignored == {"no_consent": 1, "crawler": 1}
        assert [(refused.index, refused.field) for refused in receipt.refused] == [
            (2, "timestamp"),
            (3, "client_id"),
        ]
        sample = where.metrics.registry.get_sample_value
        for outcome, count in (
            ("accepted", 2),
            ("repeated", 1),
            ("refused", 2),
            ("no_consent", 1),
            ("crawler", 1),
        ):
            assert sample("reshelf_events_total", {"source": "test", "outcome": outcome}) == count


async def test_a_denial_leaves_nothing(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where:
        await where.intake.take([read_event(ubi(consent=False))], "test")
        assert where.journal.last == 0


async def test_consent_that_is_required(tmp_path: Path) -> None:
    async with way_in(tmp_path, consent_required=True) as where:
        silent = await one(where, user_id="u")
        assert (silent.client, silent.user) == (b"", b"")
        assert silent.query, "it counts for the item, without a shopper"
        granted = await one(where, number=1, user_id="u", consent=True)
        assert granted.client
        assert granted.user


async def test_repeats_by_id_and_by_content(tmp_path: Path) -> None:
    async with way_in(tmp_path, max_age_days=36_500) as where:

        async def outcome(**more: Any) -> str:
            receipt = await where.intake.take([read_event(ubi(timestamp=1_733_788_889_378, **more))], "test")
            return "accepted" if receipt.accepted else "repeated"

        assert await outcome() == "accepted"
        assert await outcome() == "repeated"
        assert await outcome(message="other words") == "repeated"
        assert await outcome(query_id="another") == "accepted"
        assert await outcome(event_attributes={}) == "accepted"
        assert await outcome(event_id="1") == "accepted"
        assert await outcome(event_id="1", query_id="corrected") == "repeated"
        assert await outcome(event_id="1", application="another") == "accepted"


async def test_the_same_moment_in_other_words_is_the_same_event(tmp_path: Path) -> None:
    async with way_in(tmp_path, max_age_days=36_500) as where:
        for written in (
            "2024-12-10T00:01:29.378Z",
            "2024-12-10T01:01:29.378+01:00",
            1733788889378,
            "1733788889378",
        ):
            await where.intake.take([read_event(ubi(timestamp=written))], "test")
        assert where.journal.last == 1


async def test_late_and_early_events_in_any_order(tmp_path: Path) -> None:
    now = time.time()
    async with way_in(tmp_path) as where:
        for age in (86_400, -300, 30 * 86_400, 0):
            await one(where, number=age % 7, timestamp=round((now - age) * 1000))
        times = [event.time for _, event in await where.journal.read(0, 10)]
    assert times[0] == pytest.approx(now - 86_400, abs=0.01)
    assert times[1] == pytest.approx(now, abs=5), "a clock that is ahead makes no event of the future"
    assert times[2] == pytest.approx(now - 30 * 86_400, abs=0.01)


async def test_a_batch_that_finds_no_room_can_be_sent_again(tmp_path: Path) -> None:
    moment = round(time.time() * 1000)
    told = [read_event(ubi(client_id="c", timestamp=moment + number)) for number in range(60)]
    async with way_in(tmp_path, journal={"events": 100}) as where:
        await where.intake.take([read_event(ubi(number)) for number in range(90)], "test")
        for _ in range(5):
            with pytest.raises(JournalFull):
                await where.intake.take(told, "test")
        await where.journal.applied(90)
        receipt = await where.intake.take(told, "test")
        assert receipt.accepted == 60, "what was refused for want of room did not count as traffic"


async def test_too_many_of_one_client(tmp_path: Path) -> None:
    moment = round(time.time()) // 60 * 60_000 - 60_000
    told = [read_event(ubi(client_id="c", timestamp=moment + number)) for number in range(200)]
    async with way_in(tmp_path) as where:
        receipt = await where.intake.take(told, "test")
        assert (receipt.accepted, receipt.ignored) == (120, {"too_many": 80})


@needs_sample
async def test_the_real_sample(tmp_path: Path) -> None:
    told = [read_event(document) for document in sample_events()]
    async with way_in(tmp_path, max_age_days=36_500, first_positions={"esci_ubi_sample": 0}) as where:
        receipt = await where.intake.take(told, "test")
        assert not receipt.refused
        assert receipt.accepted + receipt.repeated + receipt.ignored.total() == len(told)
        assert receipt.accepted > 3300
        again = await where.intake.take(told, "test")
        assert again.accepted == 0
        entries = await where.journal.read(0, 10_000)
    assert {event.kind.value for _, event in entries} == {
        "other",
        "impression",
        "click",
        "add_to_cart",
        "purchase",
    }
