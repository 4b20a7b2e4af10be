"""Further statsd servers get the same lines, as it suits them."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.errors import InputError
from arangolab.injector.relay import PACKET_BYTES, Further, Relay, packets
from arangolab.injector.statsd_out import StatsdOut
from arangolab.metrics.statsd.lines import parse
from tests.injector.drive import Drive, setup_for
from tests.injector.stub import Stub


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    """A UDP socket that nobody else sends to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        yield sock


lines = st.lists(st.from_regex(r"[a-z.]{1,60}:[0-9]{1,9}\|(c|g|ms)", fullmatch=True), max_size=60)


@settings(deadline=None, max_examples=40)
@given(lines)
@pytest.mark.slow
def test_packets_hold_all_lines_in_order_and_are_not_too_long(sent: list[str]) -> None:
    """As few as they fit in."""
    made = list(packets(sent))
    assert [line for packet in made for line in packet.decode().split("\n")] == sent
    assert all(len(packet) <= PACKET_BYTES for packet in made)
    assert len(made) <= 1 + sum(len(line) + 1 for line in sent) // (PACKET_BYTES - 80)


def test_collectd_gets_whole_microseconds_above_zero() -> None:
    """It cuts what it gets to whole numbers, and drops zeros."""
    relay = Relay(Further(host="127.0.0.1", port=9, microseconds=True))
    assert relay.told("login.read:1.234567|ms") == "login.read_us:1235|ms"
    assert relay.told("login:0.000000|ms") == "login_us:1|ms"
    assert relay.told("clients.w0:3|g") == "clients.w0:3|g"


def test_a_host_that_does_not_exist_is_said() -> None:
    """Before the run begins."""
    with pytest.raises(InputError, match="cannot be resolved"):
        Relay(Further(host="no.such.host.invalid", port=8125))


def test_lines_that_cannot_be_sent_are_counted(elsewhere: socket.socket) -> None:
    """By server; the others get theirs."""
    refused = Further(host="255.255.255.255", port=9)  # no broadcast without asking for it
    good = Further(host="127.0.0.1", port=elsewhere.getsockname()[1])
    out = StatsdOut("127.0.0.1", 0, 0, [refused, good])
    for number in range(300):
        out.timing(f"scenario.step{number}", 1.0)
    out._emit()
    assert out.losses() == {"255.255.255.255:9": 300}
    came = 0
    while came < 300:
        came += elsewhere.recv(65536).count(b"\n") + 1


@pytest.mark.slow
def test_all_lines_of_a_run_go_there_too(elsewhere: socket.socket) -> None:
    """Under the prefix, as many as the run's own receiver is sent."""
    further = (Further(host="127.0.0.1", port=elsewhere.getsockname()[1], prefix="lab."),)
    with Stub() as stub, Drive(setup_for(stub.url, "login", statsd_further=further,
                                         statsd_port=9)) as drive:  # fmt: skip
        drive.run(50, 0.4)
        expected = drive.total("statsd_lines")
    elsewhere.setblocking(False)
    got = 0
    while True:
        try:
            metrics, count, bad = parse(elsewhere.recv(65536))
        except BlockingIOError:
            break
        got += count
        assert bad == 0
        assert all(metric.key.startswith("lab.") for metric in metrics)
    assert got == expected > 100
