"""What all tests share. The real servers are started once a session, when a test first asks for them."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sidecar.stack.plugin_build import build_plugin
from tests.fixtures.certificates import Authority, certificate_files
from tests.fixtures.cluster import Cluster
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.followed import followed_node  # noqa: F401
from tests.fixtures.hypothesis_profiles import cases_of, is_long_lane
from tests.fixtures.model_servers import (  # noqa: F401
    adapter,
    built_cross_encoder,
    built_model,
    cross_encoder,
    cross_triton,
    encoder,
    triton,
    triton_address,
)
from tests.fixtures.plain_node import plain_node  # noqa: F401
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import create_shelves

# Every process that a test starts, directly or not, inherits this variable.
SESSION_MARK = "TESTS_OF_RESHELF_SESSION"

# No node of the tests lives long enough to earn back what the second compiler costs: half the processor time
# of a start. Every Java that a test starts reads this variable, the nodes of `reshelf stack` as well.
QUICK_JAVA = "-XX:TieredStopAtLevel=1"
os.environ["JDK_JAVA_OPTIONS"] = f"{os.environ.get('JDK_JAVA_OPTIONS', '')} {QUICK_JAVA}".strip()


def pytest_configure() -> None:
    """A lane that is misspelt must not pass for the usual one."""
    is_long_lane()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Hypothesis gives a test its number of cases when its module is read, which is here."""
    with cases_of(collector.path):
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail the session if a process that it started outlives it."""
    mark = secrets.token_hex(8)
    os.environ[SESSION_MARK] = mark
    yield
    assert not (left := _processes_with(mark)), f"still running: {left}"


def _processes_with(mark: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(SESSION_MARK) == mark:
                found.append(f"{process.pid} {' '.join(process.cmdline())[:200]}")
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="session")
def authority() -> Authority:
    """A certificate authority of the tests' own."""
    return Authority("tests of reshelf")


@pytest.fixture(scope="session")
def plugin_zip() -> Path:
    """The plugin as its sources are now."""
    return build_plugin().zip


@pytest.fixture(scope="session")
def fake_sidecar() -> Iterator[FakeSidecar]:
    with FakeSidecar() as sidecar:
        yield sidecar


@pytest.fixture(scope="session")
def running_cluster(
    tmp_path_factory: pytest.TempPathFactory,
    plugin_zip: Path,
    authority: Authority,
    fake_sidecar: FakeSidecar,
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with Cluster(folder, [plugin_zip], certificate_files(authority)) as cluster:
        create_shelves(cluster.client)
        yield cluster


@pytest.fixture
def fake(fake_sidecar: FakeSidecar) -> FakeSidecar:
    """The sidecar that does as the test says; at first it keeps the order."""
    fake_sidecar.start()
    fake_sidecar.serving(True)
    fake_sidecar.reset()
    return fake_sidecar


@pytest.fixture
def cluster(running_cluster: Cluster, fake: FakeSidecar) -> Cluster:
    """The cluster, aimed at the fake sidecar, warm, without a memory of earlier tests."""
    running_cluster.restore(fake.address)
    fake.reset()
    return running_cluster


@pytest.fixture
def search(cluster: Cluster) -> SearchClient:
    """A client of the data node."""
    return cluster.client
