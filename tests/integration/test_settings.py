"""Dynamic settings: a wrong one is refused with the fix, and nothing is stuck afterwards."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.fixtures.answers import reversing, sleeping
from tests.fixtures.cluster import Cluster, wait_until
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient

pytestmark = pytest.mark.stack

QUERY: dict[str, Any] = {"match": {"title": "running shoe"}}

WRONG: list[tuple[str, Any]] = [
    ("reshelf.targets", ["http://127.0.0.1:50051"]),
    ("reshelf.targets", ["127.0.0.1"]),
    ("reshelf.targets", ["127.0.0.1:0"]),
    ("reshelf.targets", ["127.0.0.1:99999"]),
    ("reshelf.targets", ["a b:1"]),
    ("reshelf.targets", ["127.0.0.1:50051", "127.0.0.1:50051"]),
    ("reshelf.targets", [f"127.0.0.1:{port}" for port in range(1, 80)]),
    ("reshelf.deadline", "0ms"),
    ("reshelf.deadline", "soon"),
    ("reshelf.deadline", "10m"),
    ("reshelf.max_in_flight", 0),
    ("reshelf.max_in_flight", "many"),
    ("reshelf.max_message_size", "1b"),
    ("reshelf.breaker.failures", 0),
    ("reshelf.breaker.cooldown", "1ms"),
    ("reshelf.pages.max_entries", -1),
    ("reshelf.pages.ttl", "2d"),
    ("reshelf.tls.ca_file", "../../etc/passwd"),
    ("reshelf.tls.ca_file", "/etc/passwd"),
    ("reshelf.tls.cert_file", "reshelf/client.pem"),
    ("reshelf.tls.server_name", "https://x"),
    ("reshelf.no_such_setting", "x"),
    ("reshelf.token", "a secret belongs in the keystore"),
    ("reshelf.tls.key_password", "a secret belongs in the keystore"),
]


@pytest.mark.parametrize(("key", "value"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_value_is_refused(key: str, value: Any, search: SearchClient) -> None:
    answer = search.call("PUT", "/_cluster/settings", {"transient": {key: value}})
    assert answer.status == 400
    assert key.removeprefix("reshelf.") in str(answer.body["error"])


def test_settings_still_change_after_refusals(
    cluster: Cluster, search: SearchClient, fake: FakeSidecar
) -> None:
    """A consumer that throws would wedge the cluster: each refusal must happen before it."""
    for key, value in WRONG:
        search.call("PUT", "/_cluster/settings", {"transient": {key: value}})
    search.settings(reshelf__deadline="500ms", cluster__max_shards_per_node=1234)
    search.settings(reshelf__deadline=None, cluster__max_shards_per_node=None)
    assert search.ok("GET", "/_cluster/health")["status"] == "green"
    fake.reset(reversing)
    search.search("shelf", {"query": QUERY})
    assert fake.calls == 1


def test_files_that_are_missing_are_told_and_searches_go_on(cluster: Cluster, search: SearchClient) -> None:
    """The file is another matter than the setting: it may differ from node to node, and appear later."""
    search.settings(reshelf__tls__enabled=True, reshelf__tls__ca_file="reshelf/no-such-file.pem")
    wait_until(
        lambda: all("no-such-file" in node["client"]["problem"] for node in cluster.stats().values()),
        what="the problem in the stats",
    )
    assert search.search("shelf", {"query": QUERY}).status == 200
    search.settings(reshelf__tls__enabled=None, reshelf__tls__ca_file=None)
    wait_until(lambda: all(not node["client"]["problem"] for node in cluster.stats().values()))


def test_a_target_whose_name_nobody_knows(cluster: Cluster, search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(reversing)
    cluster.aim("no-such-host.invalid:50051", fake.address)
    wait_until(
        lambda: all("no-such-host" in node["client"]["problem"] for node in cluster.stats().values()),
        what="the problem in the stats",
    )
    answer = search.search("shelf", {"query": QUERY, "ext": {"reshelf": {}}})
    assert answer.report["reranked"]


def test_the_deadline_is_followed_at_once(cluster: Cluster, search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(sleeping(0.3))
    search.settings(reshelf__deadline="150ms")
    body = {"query": QUERY, "ext": {"reshelf": {}}}
    assert search.search("shelf", body).report["reason"] == "deadline"
    search.settings(reshelf__deadline="10s")
    assert search.search("shelf", body).report["reranked"]


def test_calls_in_flight_are_bounded(cluster: Cluster, search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(sleeping(0.5))
    search.settings(reshelf__max_in_flight=3)
    body = {"query": QUERY, "ext": {"reshelf": {}}}
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: search.search("shelf", body), range(12)))
    assert fake.most_in_flight == 3
    assert all(answer.status == 200 for answer in answers)
    reasons = [answer.report.get("reason", "reranked") for answer in answers]
    assert set(reasons) == {"reranked", "overloaded"}
    assert reasons.count("reranked") >= 3


def test_several_sidecars_share_the_searches(
    cluster: Cluster, search: SearchClient, fake: FakeSidecar
) -> None:
    with FakeSidecar() as other:
        cluster.aim(fake.address, other.address)
        wait_until(
            lambda: all(
                set(sidecars.values()) == {"closed"} and len(sidecars) == 2
                for sidecars in cluster.sidecars().values()
            ),
            what="both sidecars in use",
        )
        for _ in range(20):
            search.search("shelf", {"query": QUERY})
        assert min(fake.calls, other.calls) >= 5
        other.stop()
        answers = [search.search("shelf", {"query": QUERY, "ext": {"reshelf": {}}}) for _ in range(20)]
        # What one cannot answer the other does; nobody notices.
        reasons = Counter(answer.report.get("reason", "reranked") for answer in answers)
        assert reasons == {"reranked": 20}
        cluster.restore(fake.address)
