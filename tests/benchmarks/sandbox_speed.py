"""What a request costs the sandbox, beside the standard library's server of canned JSON.

    python -m tests.benchmarks.sandbox_speed [--rounds 3] [--seconds 4] [--users 100000] [--quick]

Both servers on core 0, the client (16 connections that each ask again at once) on another core
if there is one, in turn within each round.  Told are requests per second and the server's CPU per
request, the median of the rounds, and the ratio to the peer; then how long the graph takes to
load through bulk import, and the memory it leaves the sandbox with.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import psutil

from arangolab import dataset
from arangolab.sandbox.launcher import start
from arangolab.scenarios.login import COLLECTIONS, COUNT_LOGIN
from arangolab.target import Target
from tests.benchmarks.common import HERE, options, say

CONNECTIONS = 16
HEAD = "Host: x\r\nAuthorization: Basic " + base64.b64encode(b"root:").decode() + "\r\n"


class Speed(NamedTuple):
    """Of one server in one round."""

    per_s: float
    cpu_us: float
    conflict_ratio: float


def get(number: int) -> bytes:
    """A request for one user."""
    return f"GET /_api/document/user/user_{number} HTTP/1.1\r\n{HEAD}\r\n".encode()


def login(number: int) -> bytes:
    """A login in a JavaScript transaction."""
    params = {"key": f"user_{number}", "now": 1}
    body = json.dumps({"collections": COLLECTIONS, "action": COUNT_LOGIN, "params": params})
    return (
        f"POST /_api/transaction HTTP/1.1\r\n{HEAD}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


@contextlib.contextmanager
def peer() -> Iterator[tuple[str, int]]:
    """(URL, pid) of the standard library's server."""
    with subprocess.Popen(
        [sys.executable, str(HERE / "stdlib_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        yield child.stdout.readline().strip(), child.pid
        assert child.stdin is not None
        child.stdin.close()


def measure(url: str, pid: int, requests: list[bytes], seconds: float) -> Speed:
    """Ask as fast as it answers, for so long; RuntimeError when an answer is an error."""
    port, process = int(url.rpartition(":")[2]), psutil.Process(pid)
    selector, turn = selectors.DefaultSelector(), 0
    for number in range(CONNECTIONS):
        one = socket.create_connection(("127.0.0.1", port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.sendall(requests[number % len(requests)])
        selector.register(one, selectors.EVENT_READ)
    begun_s, cpu = time.perf_counter(), sum(process.cpu_times()[:2])
    end_s, done, conflicts = begun_s + seconds, 0, 0
    while (now_s := time.perf_counter()) < end_s:
        for key, _ in selector.select(1.0):
            answer = key.fileobj.recv(65536)  # type: ignore[union-attr]
            conflicts += answer.startswith(b"HTTP/1.1 409")
            if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 409")):
                raise RuntimeError(answer.decode())
            turn += 1
            done += 1
            key.fileobj.sendall(requests[turn % len(requests)])  # type: ignore[union-attr]
    used = sum(process.cpu_times()[:2]) - cpu
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    return Speed(done / (now_s - begun_s), used / done * 1e6, conflicts / done)


def middle(found: list[Speed]) -> Speed:
    """The medians."""
    return Speed(*(statistics.median(values) for values in zip(*found, strict=True)))


def main() -> None:
    """Print the table."""
    asked = options(__doc__ or "", rounds=3, seconds=4.0, users=100_000)
    users = asked.users // 10 if asked.quick else asked.users
    seconds = asked.seconds / 10 if asked.quick else asked.seconds
    with start(v8_contexts=4, v8_wait_s=20) as sandbox, peer() as (peer_url, peer_pid):
        process = psutil.Process(sandbox.pid)
        empty = process.memory_info().rss
        begun_s = time.perf_counter()
        loaded = dataset.load(Target(urls=(sandbox.url,), user="root"), users=users)
        took_s, full = time.perf_counter() - begun_s, process.memory_info().rss
        cores = sorted(os.sched_getaffinity(0))
        for pid, core in ((sandbox.pid, cores[0]), (peer_pid, cores[0]), (0, cores[-1])):
            psutil.Process(pid or None).cpu_affinity([core])
        chosen = range(1, min(users, 1000))  # neighbours share no group
        works = {
            "canned JSON, standard library": (peer_url, peer_pid, get),
            "GET document, sandbox": (sandbox.url, sandbox.pid, get),
            "login transaction, sandbox": (sandbox.url, sandbox.pid, login),
        }
        found: dict[str, list[Speed]] = {name: [] for name in works}
        for _ in range(asked.rounds):
            for name, (url, pid, request) in works.items():
                found[name].append(measure(url, pid, [request(n) for n in chosen], seconds))
    base = middle(found["canned JSON, standard library"])
    for name, rounds in found.items():
        speed = middle(rounds)
        say(
            f"{name:<32}{speed.per_s:>8.0f}/s ({speed.per_s / base.per_s:.2f} of the peer's)"
            f"{speed.cpu_us:>8.0f} us CPU ({speed.cpu_us / base.cpu_us:.2f} of the peer's)"
            f", {speed.conflict_ratio:.1%} conflicts"
        )
    say(
        f"{loaded}; in all {took_s:.1f} s; "
        f"resident {full / 1e6:.0f} MB, {empty / 1e6:.0f} MB before"
    )


if __name__ == "__main__":
    main()
