"""Programs are started while gRPC is at work in the same process."""

import os
import subprocess
import sys
import threading

import pytest

from sidecar.wire.reshelf.v1 import rerank_pb2, rerank_pb2_grpc
from tests.fixtures.fake_sidecar import FakeSidecar

# In a process of its own: what crashes must not be the tests.
STARTED = """
import sys
from tests.unit.stack.test_started_beside_grpc import start_beside_calls
print(start_beside_calls(int(sys.argv[1])))
"""


def start_beside_calls(times: int) -> int:
    """How many of the programs did not end as they should."""
    import grpc

    end = threading.Event()
    with FakeSidecar() as sidecar:

        def call() -> None:
            with grpc.insecure_channel(sidecar.address) as channel:
                stub = rerank_pb2_grpc.RerankerStub(channel)
                while not end.is_set():
                    stub.Rerank(rerank_pb2.RerankRequest(), timeout=10)

        callers = [threading.Thread(target=call) for _ in range(2)]
        for caller in callers:
            caller.start()
        try:
            # As another user: else Python does not fork.
            me = {"user": os.getuid(), "group": os.getgid(), "extra_groups": []}
            return sum(subprocess.call(["true"], start_new_session=True, **me) != 0 for _ in range(times))
        finally:
            end.set()
            for caller in callers:
                caller.join()


@pytest.mark.skipif(os.getuid() != 0, reason="only root starts programs as another user")
def test_none_dies_before_it_has_begun() -> None:
    """With gRPC's fork handlers one in five did."""
    done = subprocess.run(
        [sys.executable, "-c", STARTED, "200"], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "0", done.stderr[-2000:]
