"""Profiles by the keys of who they are."""

import asyncio

import pytest

from sidecar.domain.deadline import Deadline
from sidecar.domain.search import Shopper
from sidecar.profiles.change import Outcome
from sidecar.profiles.keying import Keys, ShopperKeys
from sidecar.profiles.keyspace import PROFILE, SET_ASIDE
from sidecar.profiles.marks import Kind, Record, RecordType, pack
from sidecar.profiles.memory_store import MemoryStore
from sidecar.profiles.profile_record import ProfileRecord, pack_profile
from sidecar.profiles.profiles import DAY, Profiles, TasteChange
from sidecar.profiles.store import StoreUnavailable, Write
from sidecar.taste.state import Taste
from tests.unit.profiles.tastes import NOW, Clock, add_up, count_one, failing

NEW, OLD = b"n" * 32, b"o" * 32
KEYS = Keys([NEW, OLD])
ANNA = KEYS.shopper(Shopper(user_id="anna"))
DEVICE = KEYS.shopper(Shopper(client_id="device"))
ANNA_AT_DEVICE = KEYS.shopper(Shopper(client_id="device", user_id="anna"))
BERT = KEYS.shopper(Shopper(user_id="bert"))


def soon() -> Deadline:
    return Deadline.after(5)


class Fixture:
    """Profiles on a store in memory, and what was counted."""

    def __init__(self, store: MemoryStore | None = None, keys: Keys = KEYS) -> None:
        self.clock = Clock()
        self.store = store or MemoryStore(clock=self.clock)
        self.unreadable: list[str] = []
        self.profiles = Profiles(
            self.store, count_unreadable=self.unreadable.append, clock=self.clock, merge=add_up, clock_skew=0
        )
        self.seq = 0

    async def event(self, shopper: ShopperKeys, times: int = 1, at: float = NOW + 1) -> list[Outcome]:
        changes = []
        for _ in range(times):
            self.seq += 1
            changes.append(TasteChange(shopper.main, 1, self.seq, at, count_one))
        return await self.profiles.change_many(changes)

    async def known(self, shopper: ShopperKeys) -> int | None:
        taste = await self.profiles.read(shopper, soon())
        return taste.learned if taste else None


@pytest.fixture
def shop() -> Fixture:
    return Fixture()


async def test_nobody_is_known_at_first(shop: Fixture) -> None:
    assert await shop.known(ANNA_AT_DEVICE) is None
    assert await shop.known(ShopperKeys()) is None


async def test_events_change_profiles(shop: Fixture) -> None:
    assert await shop.event(ANNA, 3) == [Outcome.APPLIED] * 3
    assert await shop.known(ANNA) == 3
    assert [
        taste.learned if taste else None for taste in await shop.profiles.read_many([ANNA.main, BERT.main])
    ] == [3, None]


async def test_a_user_counts_before_the_client(shop: Fixture) -> None:
    await shop.event(DEVICE, 2)
    assert await shop.known(ANNA_AT_DEVICE) == 2
    await shop.event(ANNA)
    assert await shop.known(ANNA_AT_DEVICE) == 1


async def test_what_is_read_is_the_callers_own(shop: Fixture) -> None:
    await shop.event(ANNA)
    taste = await shop.profiles.read(ANNA, soon())
    assert taste is not None
    count_one(taste)
    assert await shop.known(ANNA) == 1


async def test_a_failing_change_leaves_no_half_changed_taste(shop: Fixture) -> None:
    def half(taste: Taste) -> None:
        taste.learned += 100
        raise RuntimeError

    changes = [
        TasteChange(ANNA.main, 1, at, NOW, work) for at, work in enumerate((count_one, half, count_one), 1)
    ]
    assert await shop.profiles.change_many(changes) == [Outcome.APPLIED, Outcome.FAILED, Outcome.APPLIED]
    assert await shop.known(ANNA) == 2
    again = [TasteChange(ANNA.main, 1, 4, NOW, failing(1, count_one))]
    assert await shop.profiles.change_many(again) == [Outcome.FAILED]


async def test_login_merges_once_and_the_device_begins_anew(shop: Fixture) -> None:
    await shop.event(ANNA, 1)
    await shop.event(DEVICE, 2)
    for _ in range(3):
        await shop.profiles.link(DEVICE.main, ANNA.main)
    assert await shop.known(ANNA) == 3
    assert await shop.known(DEVICE) is None
    await shop.event(DEVICE, 1)
    assert await shop.known(DEVICE) == 1
    await shop.profiles.link(DEVICE.main, ANNA.main)
    assert await shop.known(ANNA) == 4


async def test_replayed_events_of_a_device_stay_duplicates_after_the_login(shop: Fixture) -> None:
    await shop.event(DEVICE, 2)
    await shop.profiles.link(DEVICE.main, ANNA.main)
    shop.seq = 0
    assert await shop.event(DEVICE, 3) == [Outcome.DUPLICATE, Outcome.DUPLICATE, Outcome.APPLIED]


class Dying(MemoryStore):
    """Dies at the n-th write, before or after it took effect."""

    def __init__(self, at: int, after: bool, clock: Clock) -> None:
        super().__init__(clock=clock)
        self.left, self.after = at, after

    async def put(self, writes):
        self.left -= 1
        if self.left == 0 and not self.after:
            raise StoreUnavailable("died")
        done = await super().put(writes)
        if self.left == 0:
            raise StoreUnavailable("died")
        return done


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", range(3, 9))
async def test_a_crash_during_the_login_loses_and_doubles_nothing(write: int, after: bool) -> None:
    clock = Clock()
    shop = Fixture(Dying(write, after, clock))
    await shop.event(ANNA, 1)
    await shop.event(DEVICE, 2)
    try:
        await shop.profiles.link(DEVICE.main, ANNA.main)
    except StoreUnavailable:
        # What the device does meanwhile is not lost either.
        await shop.event(DEVICE, 1)
        await shop.profiles.link(DEVICE.main, ANNA.main)
        assert await shop.known(ANNA) == 4
    else:
        assert await shop.known(ANNA) == 3
    assert await shop.known(DEVICE) is None


async def test_a_profile_under_an_older_secret_is_found_and_moves() -> None:
    before = Fixture(keys=Keys([OLD]))
    old = Keys([OLD]).shopper(Shopper(user_id="anna"))
    await before.event(old, 2)
    shop = Fixture(before.store)
    assert await shop.known(ANNA) == 2
    await shop.profiles.close()
    records = await shop.profiles.records(ANNA.users)
    assert [bool(record and record.taste) for record in records] == [True, False]
    shop.seq = 100
    await shop.event(ANNA)
    assert await shop.known(ANNA) == 3


async def test_forgetting_leaves_nothing_and_late_events_do_not_bring_it_back(shop: Fixture) -> None:
    await shop.event(ANNA, 2)
    shop.clock.now = NOW + 10
    forgotten = await shop.profiles.forget(ANNA)
    assert set(forgotten) == set(ANNA.users)
    assert await shop.known(ANNA) is None
    assert await shop.event(ANNA, 2, at=NOW + 9) == [Outcome.FORGOTTEN] * 2
    assert await shop.known(ANNA) is None
    shop.seq = 0
    assert await shop.event(ANNA, 2, at=NOW + 1) == [Outcome.DUPLICATE] * 2
    shop.seq = 50
    assert await shop.event(ANNA, 1, at=NOW + 11) == [Outcome.APPLIED]
    assert await shop.event(ANNA, 1, at=NOW + 9) == [Outcome.FORGOTTEN]
    assert await shop.known(ANNA) == 1


async def test_forgetting_who_was_never_known_holds_for_late_events(shop: Fixture) -> None:
    await shop.profiles.forget(DEVICE)
    assert await shop.event(DEVICE, 1, at=NOW - 5) == [Outcome.FORGOTTEN]


async def test_who_came_back_is_protected_for_as_long(shop: Fixture) -> None:
    await shop.profiles.forget(ANNA)
    await shop.event(ANNA)
    shop.clock.now += 390 * DAY
    assert await shop.known(ANNA) == 1
    assert await shop.event(ANNA, 1, at=NOW - 1) == [Outcome.FORGOTTEN]


async def test_a_profile_is_gone_after_its_last_event(shop: Fixture) -> None:
    await shop.event(ANNA)
    shop.clock.now += 179 * DAY
    assert await shop.known(ANNA) == 1
    shop.clock.now += 2 * DAY
    assert await shop.known(ANNA) is None


async def test_a_tombstone_outlives_nothing_that_it_need_not(shop: Fixture) -> None:
    await shop.profiles.forget(DEVICE)
    shop.clock.now += 401 * DAY
    assert await shop.profiles.records([DEVICE.main]) == [None]


async def test_forgetting_a_user_forgets_their_devices_but_not_other_people(shop: Fixture) -> None:
    await shop.event(ANNA)
    await shop.event(BERT)
    await shop.profiles.link(DEVICE.main, ANNA.main)
    await shop.profiles.link(DEVICE.main, BERT.main)
    await shop.event(DEVICE)
    assert set(await shop.profiles.family(ANNA)) == {*ANNA.users, DEVICE.main}
    shop.clock.now += 10
    await shop.profiles.forget(ANNA)
    assert (await shop.known(ANNA), await shop.known(DEVICE), await shop.known(BERT)) == (None, None, 1)


async def test_forgetting_a_device_forgets_the_users_who_got_its_taste(shop: Fixture) -> None:
    await shop.event(DEVICE)
    await shop.profiles.link(DEVICE.main, ANNA.main)
    await shop.profiles.forget(DEVICE)
    assert await shop.known(ANNA) is None


async def test_forgetting_only_this(shop: Fixture) -> None:
    await shop.event(DEVICE)
    await shop.profiles.link(DEVICE.main, ANNA.main)
    await shop.event(DEVICE)
    await shop.profiles.forget(DEVICE, only_this=True)
    assert (await shop.known(ANNA), await shop.known(DEVICE)) == (1, None)


async def test_a_login_under_way_does_not_undo_forgetting() -> None:
    clock = Clock()
    shop = Fixture(Dying(5, False, clock))
    await shop.event(DEVICE)
    with pytest.raises(StoreUnavailable):  # at the write into the user's
        await shop.profiles.link(DEVICE.main, ANNA.main)
    assert (await shop.profiles.records([DEVICE.main]))[0].outgoing is not None
    await shop.profiles.forget(ANNA, only_this=True)
    await shop.profiles.link(DEVICE.main, ANNA.main)
    assert await shop.known(ANNA) is None


async def test_an_unreadable_record_is_counted_and_set_aside_by_the_next_event(shop: Fixture) -> None:
    await shop.store.put([Write(PROFILE + ANNA.main, b"from the future", 0, 60)])
    assert await shop.known(ANNA) is None
    assert await shop.event(ANNA) == [Outcome.APPLIED]
    assert await shop.known(ANNA) == 1
    assert shop.unreadable == ["record", "record"]
    assert (await shop.store.get([SET_ASIDE + PROFILE + ANNA.main]))[0] is not None
    await shop.profiles.forget(ANNA)
    assert await shop.store.get([SET_ASIDE + PROFILE + ANNA.main]) == [None]


async def test_an_unreadable_taste_is_counted_and_set_aside_by_the_next_event(shop: Fixture) -> None:
    record = pack(
        Record(pack_profile(ProfileRecord(b"from the future", NOW - 5))), RecordType(Kind.PROFILE, 1, 60)
    )
    await shop.store.put([Write(PROFILE + ANNA.main, record, 0, 60)])
    assert await shop.known(ANNA) is None
    assert await shop.event(ANNA, 1, at=NOW - 6) == [Outcome.FORGOTTEN]
    assert await shop.event(ANNA) == [Outcome.APPLIED]
    assert await shop.known(ANNA) == 1
    assert shop.unreadable == ["taste", "taste"]
    assert (await shop.store.get([SET_ASIDE + PROFILE + ANNA.main]))[0] is not None


class Slow(MemoryStore):
    """Answers reads after a while; or never, while `gone`."""

    gone = False
    asked = 0

    async def get(self, keys):
        self.asked += 1
        if self.gone:
            raise StoreUnavailable("gone")
        await asyncio.sleep(0.2)
        return await super().get(keys)


async def test_a_slow_store_is_not_waited_for_and_then_left_alone() -> None:
    store = Slow()
    profiles = Profiles(store)
    told = []
    for _ in range(100):
        with pytest.raises(StoreUnavailable) as refused:
            await profiles.read(ANNA, Deadline.after(0.003))
        told.append("left alone" in str(refused.value))
    assert 5 <= store.asked <= 20  # five, and one in 250 ms
    assert told.count(True) == 100 - store.asked
    await asyncio.sleep(0.5)
    assert await profiles.read(ANNA, Deadline.after(5)) is None
    assert await profiles.read(ANNA, Deadline.after(5)) is None


async def test_a_store_that_is_gone_says_so() -> None:
    store = Slow()
    store.gone = True
    with pytest.raises(StoreUnavailable, match="gone"):
        await Profiles(store).read(ANNA, soon())
