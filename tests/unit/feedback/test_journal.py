"""The journal: durable, bounded, each event once."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sidecar.config.events import JournalSettings
from sidecar.feedback.journal import Accepted, Journal, JournalFull, JournalUnavailable, Repeated
from tests.fixtures.events import kept


def opened(folder: Path, max_waiting: int = 20_000, **settings: Any) -> Journal:
    journal = Journal(JournalSettings.model_validate(settings), folder, max_waiting)
    journal.open()
    return journal


async def test_what_was_appended_is_read_in_its_order(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    events = [kept(number) for number in range(5)]
    assert await journal.append(events[:3]) == [Accepted(1), Accepted(2), Accepted(3)]
    assert await journal.append(events[3:]) == [Accepted(4), Accepted(5)]
    assert await journal.read(0, 10) == list(enumerate(events, 1))
    assert await journal.read(2, 2) == [(3, events[2]), (4, events[3])]
    assert await journal.read(5, 10) == []
    assert journal.behind == 5
    await journal.close()


async def test_repeated_events(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    found = await journal.append([kept(1), kept(2), kept(1)])
    assert found == [Accepted(1), Accepted(2), Repeated()]
    again = await asyncio.gather(*(journal.append([kept(2), kept(3)]) for _ in range(20)))
    assert sorted(map(str, again))[:1] == [str([Repeated(), Accepted(3)])]
    assert sum(isinstance(one, Accepted) for answer in again for one in answer) == 1
    await journal.close()
    journal = opened(tmp_path)
    assert await journal.append([kept(3)]) == [Repeated()]
    await journal.close()


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    await journal.append([kept(number) for number in range(10)], {"somewhere": 7})
    await journal.applied(4)
    writer = journal.writer
    assert 0 < writer < 2**32
    await journal.close()
    await journal.close()
    journal = opened(tmp_path)
    assert (journal.writer, journal.last, journal.cursor, journal.behind) == (writer, 10, 4, 6)
    assert journal.position("somewhere") == 7
    assert journal.position("elsewhere") is None
    assert [seq for seq, _ in await journal.read(journal.oldest, 100)] == list(range(1, 11))
    assert await journal.append([kept(10)]) == [Accepted(11)]
    await journal.close()


async def test_the_cursor_never_moves_back_nor_beyond_the_end(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    await journal.append([kept(1), kept(2)])
    await journal.applied(2)
    await journal.applied(1)
    assert journal.cursor == 2
    await journal.applied(99)
    assert journal.cursor == 2
    await journal.close()


async def test_applied_entries_are_kept_for_replays_and_then_dropped(tmp_path: Path) -> None:
    journal = opened(tmp_path, replay_minutes=0)
    await journal.append([kept(number) for number in range(5)])
    await journal.applied(3)
    await journal.append([kept(9)])
    assert journal.oldest == 3
    assert [seq for seq, _ in await journal.read(0, 10)] == [4, 5, 6]
    assert await journal.append([kept(0)]) == [Repeated()], "still known"
    await journal.close()
    journal = opened(tmp_path, replay_minutes=60)
    await journal.applied(6)
    await journal.append([kept(10)])
    assert [seq for seq, _ in await journal.read(journal.oldest, 10)] == [4, 5, 6, 7]
    await journal.close()


async def test_what_is_old_goes_without_news_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.feedback.journal_thread.TIDY_SECONDS", 0.01)
    monkeypatch.setattr("sidecar.feedback.journal_file.DROPPED_AT_ONCE", 3)
    journal = opened(tmp_path, replay_minutes=0.001)
    await journal.append([kept(number) for number in range(10)])
    await journal.applied(8)
    for _ in range(500):
        if journal.oldest == 8:
            break
        await asyncio.sleep(0.01)
    assert [seq for seq, _ in await journal.read(0, 100)] == [9, 10]
    await journal.close()


async def test_all_dropped_and_the_numbers_go_on(tmp_path: Path) -> None:
    journal = opened(tmp_path, replay_minutes=0)
    await journal.append([kept(1)])
    await journal.applied(1)
    await journal.append([])
    assert await journal.read(0, 10) == []
    await journal.close()
    journal = opened(tmp_path)
    assert await journal.append([kept(2)]) == [Accepted(2)]
    await journal.close()


async def test_full_of_what_waits(tmp_path: Path) -> None:
    journal = opened(tmp_path, events=100)
    await journal.append([kept(number) for number in range(99)])
    with pytest.raises(JournalFull, match="99 events wait to be applied; try again in 5 s"):
        await journal.append([kept(200), kept(201)])
    assert journal.last == 99
    await journal.applied(50)
    assert await journal.append([kept(200), kept(201)]) == [Accepted(100), Accepted(101)]
    await journal.close()


async def test_full_of_bytes_until_what_was_applied_is_gone(tmp_path: Path) -> None:
    journal = opened(tmp_path, max_mib=8, replay_minutes=0, repeats_events=1000)
    number = 0
    with pytest.raises(JournalFull, match="its 8 MiB"):
        while True:
            more = [kept(number + one, object_id="x" * 512) for one in range(500)]
            number += len(more)
            await journal.append(more)
    await journal.applied(journal.last)
    for _ in range(100):
        try:
            await journal.append([kept(number)])
            break
        except JournalFull:
            continue
    assert journal.last > 8 * 1024
    assert journal.size < 8 * 1024 * 1024
    await journal.close()


async def test_too_much_on_the_way_to_the_disk(tmp_path: Path) -> None:
    journal = opened(tmp_path, max_waiting=100)
    first = asyncio.create_task(journal.append([kept(number) for number in range(500)]))
    await asyncio.sleep(0)
    with pytest.raises(JournalFull, match="on their way"):
        await journal.append([kept(1000)])
    assert len(await first) == 500, "a batch alone is never too great"
    await journal.close()


async def test_waiting_for_news(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    await journal.append([kept(1)])
    await asyncio.wait_for(journal.wait(0), 5)
    waiting = asyncio.create_task(journal.wait(1))
    await journal.append([kept(1)])
    await asyncio.sleep(0.01)
    assert not waiting.done(), "a repeated event is no news"
    await journal.append([kept(2)])
    await asyncio.wait_for(waiting, 5)
    await journal.close()


async def test_one_process_a_file(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    with pytest.raises(JournalUnavailable, match="another sidecar has this journal open"):
        opened(tmp_path)
    await journal.close()
    await opened(tmp_path).close()


async def test_a_file_that_is_no_journal(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"something else altogether " * 100)
    with pytest.raises(JournalUnavailable, match="Move the file away"):
        opened(tmp_path)


async def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnavailable, match=r"events\.journal\.path"):
        opened(tmp_path / "file")


async def test_not_open(tmp_path: Path) -> None:
    journal = Journal(JournalSettings(), tmp_path)
    with pytest.raises(JournalUnavailable):
        await journal.append([kept(1)])
    await journal.close()


async def test_a_disk_that_refuses_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(tmp_path)
    await journal.append([kept(1)])

    def refuse(*_: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(journal._file, "_drop", refuse)
    with pytest.raises(JournalUnavailable, match="disk is full"):
        await journal.append([kept(2), kept(1)], {"somewhere": 1})
    monkeypatch.undo()
    assert (journal.last, journal.position("somewhere")) == (1, None)
    assert await journal.append([kept(2)]) == [Accepted(2)], "it was not remembered either"
    await journal.close()
