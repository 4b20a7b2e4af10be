"""The statsd receiver, spoken to over its socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from arangolab.errors import RunError
from arangolab.metrics.statsd.receiver import BUFFER_BYTES, PACKETS_AT_ONCE, StatsdReceiver
from tests.support import until


@pytest.fixture
def receiver() -> Iterator[StatsdReceiver]:
    """A receiver on a free port."""
    made = StatsdReceiver()
    yield made
    made.close()


def send(receiver: StatsdReceiver, *packets: bytes) -> None:
    """Send the packets and wait until their lines are counted."""
    expected = receiver.lines + sum(len([x for x in p.split(b"\n") if x]) for p in packets)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for packet in packets:
            out.sendto(packet, ("127.0.0.1", receiver.port))
    until(lambda: receiver.lines >= expected)


def test_an_interval(receiver: StatsdReceiver) -> None:
    """Timers with percentiles, counters per second, gauges, lines and bad lines."""
    send(receiver, *(f"login:{n}|ms".encode() for n in range(1, 101)))
    send(receiver, b"errors:3|c\nclients.w0:7|g\nrubbish")
    found = {s.name: s for s in receiver.flush(2.0)}
    assert found["login.count"].value == 100
    assert found["login.p95_ms"].value == 95
    assert found["errors.per_s"].value == 1.5
    assert found["clients"].value == 7
    assert found["receiver.lines"].value == 103
    assert found["receiver.bad_lines"].value == 1
    assert found["receiver.drops"].value == 0
    assert {s.time_s for s in found.values()} == {2.0}
    assert {s.source for s in found.values()} == {"statsd"}


def test_flushes_tell_what_is_new(receiver: StatsdReceiver) -> None:
    """Each flush counts the lines since the last, and rates over the time since then."""
    send(receiver, b"n:4|c")
    receiver.flush(1.0)
    send(receiver, b"n:4|c\nn:4|c")
    found = {s.name: s.value for s in receiver.flush(5.0)}
    assert found["receiver.lines"] == 2
    assert found["n.per_s"] == 2


def test_an_empty_packet_ends_nothing(receiver: StatsdReceiver) -> None:
    """A datagram without content is passed over."""
    send(receiver, b"", b"n:1|c")
    assert receiver.lines == 1


def test_drops_are_counted(receiver: StatsdReceiver) -> None:
    """While nobody reads, packets beyond the buffer are dropped, and the kernel's count is told."""
    packet = b"x" * 60_000
    with receiver._lock, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for _ in range(2 + PACKETS_AT_ONCE + receiver.buffer_bytes // len(packet)):
            out.sendto(packet, ("127.0.0.1", receiver.port))
        assert receiver.drops > 0
    found = {s.name: s.value for s in receiver.flush(1.0)}
    assert found["receiver.drops"] == receiver.drops


def test_the_first_line_that_makes_no_sense_is_kept(receiver: StatsdReceiver) -> None:
    """To be shown, whatever is in it; later ones are only counted."""
    send(receiver, b"ok:1|c\n\xff\x1b[31m" + b"x" * 500, b"other rubbish")
    assert receiver.first_bad.startswith("'\ufffd\\x1b[31mxxx")
    assert len(receiver.first_bad) <= 80
    assert receiver.bad_lines == 2


def test_a_port_in_use_is_a_sentence(receiver: StatsdReceiver) -> None:
    """Two receivers cannot have one port."""
    with pytest.raises(RunError, match=rf"statsd port {receiver.port} .* cannot be opened"):
        StatsdReceiver(port=receiver.port)


def test_closing_ends_its_thread() -> None:
    """No thread and no socket is left; closing again does nothing."""
    made = StatsdReceiver()
    made.close()
    made.close()
    assert not made._thread.is_alive()
    assert made.drops == 0


def test_a_buffer_that_is_small_is_said(receiver: StatsdReceiver) -> None:
    """With how many packets fit, and what to set; one that is large enough is not."""
    receiver.buffer_bytes = BUFFER_BYTES
    assert receiver.buffer_note == ""
    receiver.buffer_bytes = 212_992
    assert "for about 256 packets" in receiver.buffer_note
    assert f"net.core.rmem_max={BUFFER_BYTES}" in receiver.buffer_note


def test_the_buffer_is_as_large_as_may_be(receiver: StatsdReceiver) -> None:
    """Linux books twice what it grants, and grants what rmem_max allows at least."""
    allowed = int(Path("/proc/sys/net/core/rmem_max").read_text())
    assert receiver.buffer_bytes >= 2 * min(allowed, BUFFER_BYTES)
