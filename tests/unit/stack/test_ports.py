"""Ports: the well-known ones when free, others when not, never one twice."""

import socket
from collections.abc import Iterator

import pytest

from sidecar.stack.errors import StackError
from sidecar.stack.ports import FREE_RANGE, LOOPBACK, PortChoice, choose_ports, free_port, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that a server listens on."""
    port = free_port()
    with socket.create_server((LOOPBACK, port)):
        yield port


def test_a_port_somebody_listens_on_is_not_free(taken: int) -> None:
    assert not is_free(taken)


def test_wanted_ports_are_taken_when_free() -> None:
    port = free_port()
    assert choose_ports({"sidecar": port}) == {"sidecar": port}


def test_another_one_when_the_wanted_is_taken(taken: int) -> None:
    chosen = choose_ports({"sidecar": taken})["sidecar"]
    assert chosen != taken
    assert is_free(chosen)


def test_fixed_says_which_port_is_in_the_way(taken: int) -> None:
    with pytest.raises(StackError, match=f"port {taken} for sidecar is taken.*--ports auto"):
        choose_ports({"sidecar": taken}, PortChoice.FIXED)


def test_free_never_takes_the_wanted() -> None:
    port = free_port()
    assert choose_ports({"a": port}, PortChoice.FREE)["a"] != port


@pytest.mark.parametrize("choice", [PortChoice.AUTO, PortChoice.FREE])
def test_no_port_twice(choice: PortChoice) -> None:
    wanted = dict.fromkeys(map(str, range(50)), free_port())
    chosen = choose_ports(wanted, choice)
    assert len(set(chosen.values())) == len(wanted)


def test_free_ports_keep_out_of_the_range_of_outgoing_connections() -> None:
    assert all(free_port() in FREE_RANGE for _ in range(20))
    assert FREE_RANGE.stop <= 32768
