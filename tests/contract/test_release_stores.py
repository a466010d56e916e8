"""One contract, every store of published rules. The real OpenSearch is asked as well."""

import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sidecar.config.rules import RulesOpenSearch
from sidecar.opensearch.rule_releases import OpenSearchReleases
from sidecar.rules.folder_releases import FolderReleases
from sidecar.rules.release import InvalidRelease, Release, UnreadableRelease
from sidecar.rules.release_chain import broken_links
from sidecar.rules.release_store import PublishConflict, ReleaseStore, ReleasesUnavailable
from tests.fixtures.plain_node import plain_node  # noqa: F401
from tests.fixtures.releases import (
    NOW,
    Damageable,
    damageable_folder,
    damageable_index,
    damageable_memory,
    text_of,
)


@pytest.fixture(params=["memory", "folder", pytest.param("opensearch", marks=pytest.mark.stack)])
def damageable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Damageable]:
    """An empty store of each kind, whose clock says NOW."""
    made: Damageable
    if request.param == "memory":
        made = damageable_memory()
    elif request.param == "folder":
        made = damageable_folder(tmp_path / "not" / "there")
    else:
        node = request.getfixturevalue("plain_node")
        settings = RulesOpenSearch(url=node.url, index=f"rules-{secrets.token_hex(4)}")
        made = damageable_index(OpenSearchReleases(settings, clock=lambda: NOW), settings.index)
    yield made
    made.store.close()


@pytest.fixture
def store(damageable: Damageable) -> ReleaseStore:
    return damageable.store


def published(store: ReleaseStore, count: int) -> list[Release]:
    return [
        store.publish(text_of(f"r{number}"), who="anna", why=f"reason {number}", expected=number)
        for number in range(count)
    ]


def test_nothing_is_there_before_the_first_publish(store: ReleaseStore) -> None:
    assert store.latest() is None
    assert store.get(1) is None
    assert store.get(0) is None
    assert store.newer_than(0) is None
    assert list(store.history(10)) == []


def test_what_is_published_is_found_at_once_as_it_was(store: ReleaseStore) -> None:
    odd = 'Schuhe „günstig“ — 跑鞋 👟 \\ " \n zweite Zeile'
    release = store.publish(text_of("r"), who="anna", why=odd, expected=0)
    assert (release.number, release.parent, release.parent_seal) == (1, 0, "")
    assert (release.who, release.why, release.when) == ("anna", odd, NOW)
    assert release.rolled_back_to is None
    assert store.latest() == store.get(1) == store.newer_than(0) == release
    assert store.newer_than(1) is None


def test_versions_follow_each_other(store: ReleaseStore) -> None:
    releases = published(store, 3)
    assert [release.number for release in releases] == [1, 2, 3]
    assert [release.parent_seal for release in releases] == ["", releases[0].seal, releases[1].seal]
    assert store.latest() == releases[2]
    assert store.newer_than(1) == releases[2]
    assert list(store.history(2)) == [releases[2], releases[1]]
    assert list(store.history(100)) == releases[::-1]
    assert broken_links(store.history(100)) == {}


def test_a_history_longer_than_one_request(store: ReleaseStore) -> None:
    releases = published(store, 47)
    assert store.newer_than(3) == releases[-1]
    assert [one.number for one in store.history(45)] == list(range(47, 2, -1))


def test_the_oldest_are_pruned_and_the_row_goes_on(store: ReleaseStore) -> None:
    assert store.prune(5) == 0
    releases = published(store, 30)
    assert store.prune(26) == 25
    assert store.prune(26) == 0
    assert list(store.history(100)) == releases[:24:-1]
    assert broken_links(store.history(100)) == {}
    assert store.get(25) is None
    assert store.newer_than(28) == store.latest() == releases[-1]
    for stale in (0, 1, 25, 29):
        with pytest.raises(PublishConflict):
            store.publish(text_of("late"), who="bert", why="late", expected=stale)
    following = store.publish(text_of("next"), who="anna", why="next", expected=30)
    assert (following.number, following.parent_seal) == (31, releases[-1].seal)
    assert store.prune(99) == 5, "the newest stays"
    assert list(store.history(100)) == [following]


def test_what_cannot_be_read_is_pruned_as_well(damageable: Damageable) -> None:
    published(damageable.store, 4)
    damageable.overwrite(2, {"odd": "document"})
    assert damageable.store.prune(4) == 3
    assert [one.number for one in damageable.store.history(9)] == [4]


def test_whoever_has_not_seen_the_newest_is_told(store: ReleaseStore) -> None:
    published(store, 2)
    for expected in (0, 1, 7):
        with pytest.raises(PublishConflict) as raised:
            store.publish(text_of("late"), who="bert", why="late", expected=expected)
        assert "publish" in str(raised.value)
    assert [one.number for one in store.history(10)] == [2, 1]


def test_of_many_publishers_at_once_one_wins(store: ReleaseStore) -> None:
    published(store, 1)
    outcomes: list[object] = []
    begin = threading.Barrier(8)

    def publish(name: str) -> None:
        begin.wait()
        try:
            outcomes.append(store.publish(text_of(name), who=name, why="race", expected=1))
        except PublishConflict as conflict:
            outcomes.append(conflict)

    threads = [threading.Thread(target=publish, args=(f"p{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [one for one in outcomes if isinstance(one, Release)]
    assert len(won) == 1
    assert sum(isinstance(one, PublishConflict) for one in outcomes) == 7
    assert store.latest() == won[0]


@pytest.mark.parametrize(
    ("who", "why"),
    [("", "why"), (" ", "why"), ("anna", "  "), ("anna", "x" * 3000), ("anna", "caf\udce9"), ("\udce9", "x")],
)
def test_who_and_why_are_not_left_out(store: ReleaseStore, who: str, why: str) -> None:
    with pytest.raises(InvalidRelease):
        store.publish(text_of("r"), who=who, why=why, expected=0)
    assert store.latest() is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"why": "another reason"}, "seal"),
        ({"who": "mallory"}, "seal"),
        ({"when": NOW + 1}, "seal"),
        ({"rules": text_of("other")}, "seal"),
        ({"parent_seal": "0" * 64}, "seal"),
        ({"seal": "0" * 64}, "seal"),
        ({"rolled_back_to": 1}, "seal"),
        ({"number": 9}, "number 9"),
        ({"rules": None}, "`rules`"),
        ({"when": True}, "`when`"),
        ({"format": 2}, "format 2"),
    ],
)
def test_a_changed_version_is_not_used(damageable: Damageable, changes: dict[str, object], why: str) -> None:
    published(damageable.store, 2)
    damageable.change(2, changes)
    found = damageable.store.latest()
    assert isinstance(found, UnreadableRelease)
    assert found.number == 2
    assert why in found.why
    assert isinstance(damageable.store.newer_than(1), UnreadableRelease)
    assert [type(one) for one in damageable.store.history(5)] == [UnreadableRelease, Release]


def test_a_version_without_keys_does_not_stop_the_next_one(damageable: Damageable) -> None:
    published(damageable.store, 1)
    damageable.overwrite(1, {"odd": "document"})
    assert isinstance(damageable.store.get(1), UnreadableRelease)
    latest = damageable.store.latest()
    # OpenSearch's search does not find it, and looking by number does.
    expected = latest.number if latest else 0
    if expected == 0:
        with pytest.raises(PublishConflict) as raised:
            damageable.store.publish(text_of("r"), who="anna", why="mend", expected=0)
        expected = raised.value.number
    release = damageable.store.publish(text_of("r"), who="anna", why="mend", expected=expected)
    assert damageable.store.latest() == release


def test_history_shows_where_the_chain_is_broken(damageable: Damageable) -> None:
    releases = published(damageable.store, 3)
    resealed = published(damageable_memory().store, 1)[0]
    assert resealed.seal == releases[0].seal
    other = damageable_memory().store.publish(text_of("r0"), who="mallory", why="changed", expected=0)
    damageable.change(1, {"who": other.who, "why": other.why, "seal": other.seal})
    assert isinstance(damageable.store.get(1), Release), "sealed anew, it looks whole by itself"
    assert set(broken_links(damageable.store.history(10))) == {2}


@pytest.mark.parametrize(
    "absent",
    [
        lambda tmp: OpenSearchReleases(RulesOpenSearch(url="http://127.0.0.1:9", timeout_ms=500)),
        lambda tmp: FolderReleases(tmp / "file" / "rules"),
    ],
    ids=["opensearch", "folder"],
)
def test_a_store_that_is_away_says_so(absent: Callable[[Path], ReleaseStore], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a folder is needed")
    store = absent(tmp_path)
    for ask in (store.latest, lambda: store.newer_than(1), lambda: store.history(3)):
        with pytest.raises(ReleasesUnavailable):
            ask()
    with pytest.raises(ReleasesUnavailable):
        store.publish(text_of("r"), who="anna", why="try", expected=0)
