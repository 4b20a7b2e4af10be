"""The embedded statsd receiver against the reference server and collectd, one process each.

    python -m tests.benchmarks.statsd_receiver [--seconds 3] [--quick]

Lines a second that each takes without losing one, one line a packet and ten; CPU a line; and
whether the loss that is told is the loss that the sender counts, while the receiver is held still.
The reference is npm's package statsd (ARANGOLAB_STATSD names its folder); without it, or without
collectd, that column is left out.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from arangolab.errors import RunError
from arangolab.metrics.collectd.child import CollectdChild
from arangolab.metrics.statsd.receiver import StatsdReceiver, port_drops
from tests.benchmarks.common import ROOT, options, say
from tests.metrics.statsd.reference import Reference, package
from tests.support import until

RATES_PER_S = (5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000)
TICK_S = 0.002
HELD_PACKETS = 40_000


@dataclass(frozen=True)
class Server:
    """One of them."""

    name: str
    pid: int
    port: int
    received: Callable[[], int]
    """Lines of the counter ``bench`` that it has taken in since its start."""

    def drops(self) -> int:
        """Packets that the kernel has dropped."""
        return port_drops(self.port)

    def cpu_s(self) -> float:
        """CPU time of its process."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)


def main() -> None:
    """A line for each server and way of packing, then the loss."""
    if sys.argv[1:] == ["--receive"]:
        receive()
        return
    asked = options(__doc__ or "", seconds=3.0)
    seconds = min(20.0, asked.seconds / (3 if asked.quick else 1))
    clean: dict[tuple[str, int], float] = {}
    for start in (embedded, reference, collectd):
        for lines in (1, 10):
            with start() as server:
                if server is None:
                    break
                clean[server.name, lines] = report(server, lines, seconds)
    for (name, lines), rate in clean.items():
        if name != "embedded":
            ratio = clean["embedded", lines] / max(1.0, rate)
            say(f"embedded / {name}, {lines} lines a packet: {ratio:.1f} times the lines a second")
    for start in (embedded, reference, collectd):
        with start() as server:
            if server is not None:
                report_loss(server)


# -- the servers ----------------------------------------------------------------------------


@contextlib.contextmanager
def embedded() -> Iterator[Server | None]:
    """In a process of its own, as in a run."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.statsd_receiver", "--receive"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    told, ask = process.stdout, process.stdin
    port = int(told.readline())

    def received() -> int:
        ask.write("\n")
        ask.flush()
        return int(told.readline())

    try:
        yield Server("embedded", process.pid, port, received)
    finally:
        process.communicate()


def receive() -> None:
    """Tell the port, then the lines received whenever asked."""
    receiver, total = StatsdReceiver(), 0.0
    sys.stdout.write(f"{receiver.port}\n")
    sys.stdout.flush()
    began_s = time.monotonic()
    for _ in sys.stdin:
        samples = receiver.flush(time.monotonic() - began_s)
        total += sum(s.value for s in samples if s.name == "bench.count")
        sys.stdout.write(f"{total:.0f}\n")
        sys.stdout.flush()
    receiver.close()


@contextlib.contextmanager
def reference() -> Iterator[Server | None]:
    """Npm's statsd; it tells its counters on its management port."""
    if not package():
        say("statsd (npm): not here")
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        server = Reference(Path(folder))
        admin = json.loads((Path(folder) / "config.js").read_text())["mgmt_port"]

        def received() -> int:
            with socket.create_connection(("127.0.0.1", admin)) as sock:
                sock.sendall(b"counters\n")
                text = b""
                while b"END" not in text:
                    text += sock.recv(65536)
            found = re.search(rb"bench'?: (\d+)", text)
            return int(found[1]) if found else 0

        try:
            yield Server("statsd (npm)", server.process.pid, server.port, received)
        finally:
            server.close()


@contextlib.contextmanager
def collectd() -> Iterator[Server | None]:
    """Its csv plugin writes the total each second."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            child = CollectdChild(Path(folder) / "c", server_pid=None, interval_s=1.0)
        except RunError as error:
            say(f"collectd: not here ({error.what})")
            yield None
            return

        def received() -> int:
            time.sleep(2.2)  # an interval, and the next one's writing
            files = list(child.config.csv.glob("*/statsd/derive-bench-*"))
            return int(float(files[0].read_text().split()[-1].split(",")[1])) if files else 0

        try:
            yield Server("collectd", child.pid, child.port, received)
        finally:
            child.close(at_once=True)


# -- the sender -----------------------------------------------------------------------------


def send(port: int, packet: bytes, per_s: float, seconds: float) -> tuple[int, float]:
    """(packets sent, seconds it took); evenly, a handful each two milliseconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect(("127.0.0.1", port))
        began_s, sent = time.monotonic(), 0
        while (passed_s := time.monotonic() - began_s) < seconds:
            due = int(passed_s * per_s)
            while sent < due:
                out.send(packet)
                sent += 1
                if not sent % 64 and time.monotonic() - began_s >= seconds:
                    break
            time.sleep(TICK_S)
        return sent, time.monotonic() - began_s


def report(server: Server, lines: int, seconds: float) -> float:
    """The highest rate without loss, in lines a second as sent; each rate is tried twice."""
    packet = b"\n".join([b"bench:1|c"] * lines)
    best = cpu_us = most = 0.0
    before, lost = server.received(), 0
    for rate in RATES_PER_S:
        for _ in range(2):
            cpu_s = server.cpu_s()
            sent, took_s = send(server.port, packet, rate / lines, seconds)
            until(lambda: settled(server), 20)
            now = server.received()
            lost, got, before = sent * lines - (now - before), now - before, now
            most = max(most, sent * lines / took_s)
            if not lost and got / took_s > best:
                best, cpu_us = got / took_s, (server.cpu_s() - cpu_s) / got * 1e6
            if not lost:
                break
        if lost:
            break
    why = f"at {most:,.0f}/s it loses {lost}" if lost else "more could not be sent here"
    say(
        f"{server.name:13} {lines:2} line(s) a packet: {best:9,.0f} lines/s without loss, "
        f"{cpu_us:.2f} us CPU a line there; {why}"
    )
    return best


def settled(server: Server) -> bool:
    """Whether nothing waits in its socket any more."""
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].rpartition(":")[2], 16) == server.port:
            return int(fields[4].rpartition(":")[2], 16) == 0
    return True


def report_loss(server: Server) -> None:
    """Hold it still while its buffer overflows, and compare the counts."""
    before, dropped = server.received(), server.drops()
    os.kill(server.pid, signal.SIGSTOP)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for _ in range(HELD_PACKETS):
                out.sendto(b"bench:1|c", ("127.0.0.1", server.port))
    finally:
        os.kill(server.pid, signal.SIGCONT)
    until(lambda: settled(server), 20)
    received = server.received() - before
    told = server.drops() - dropped
    say(
        f"{server.name:13} held still: {HELD_PACKETS} packets sent, {received} received, "
        f"{told} told as lost; they add up: {received + told == HELD_PACKETS}"
    )


if __name__ == "__main__":
    main()
