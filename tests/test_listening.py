"""Which process serves a port."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from arangolab.listening import Candidate, address_towards, chosen, listener_pid

CHILD = """
import socket, sys
with open("/proc/self/comm", "w") as comm: comm.write(sys.argv[1])
if sys.argv[2] == "listen":
    sock = socket.create_server(("127.0.0.1", 0))
    print(sock.getsockname()[1], flush=True)
else:
    print(0, flush=True)
sys.stdin.read()
"""


@contextmanager
def process(name: str, what: str) -> Iterator[tuple[int, int]]:
    """(pid, the port it listens on) of a process of that name."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, name, what],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        yield child.pid, int(child.stdout.readline())
    finally:
        child.communicate()


def test_who_listens_is_told() -> None:
    """Whatever its name; nobody on a port that is free."""
    with process("anything", "listen") as (pid, port):
        assert listener_pid(port) == pid
    assert listener_pid(port) is None


def test_behind_a_containers_proxy_it_is_the_arangod() -> None:
    """Docker's proxy listens for it; its CPU and memory would be the wrong ones."""
    with process("docker-proxy", "listen") as (_, port):
        assert listener_pid(port) is None
        with process("arangod", "wait") as (pid, _):
            assert listener_pid(port) == pid


@pytest.mark.parametrize(
    ("uid", "port", "expected"),
    [(107, 8529, 1), (0, 8529, None), (None, 8529, 1), (None, 8530, 2), (None, 8531, None)],
)
def test_of_several_the_one_that_fits(uid: int | None, port: int, expected: int | None) -> None:
    """By account, else by the port in its command line; none where that is not certain."""
    candidates = [
        Candidate(1, 107, "arangod --server.endpoint tcp://0.0.0.0:8529"),
        Candidate(2, 108, "arangod --server.endpoint tcp://0.0.0.0:8530"),
    ]
    assert chosen(candidates, uid, port) == expected


def test_this_host_has_no_address_towards_itself() -> None:
    """Nor towards a name that nobody has."""
    assert address_towards("127.0.0.1") is None
    assert address_towards("") is None
