"""The transport under load and under fire: nobody gets another's reply, nothing is sent twice."""

from __future__ import annotations

import socket
import time
from collections import Counter

import pytest

from arangolab.injector.protocol import Interval
from arangolab.injector.statsd_out import StatsdOut
from arangolab.plan import TransportName
from tests.injector.drive import Drive, pace, setup_for
from tests.injector.stub import Stub
from tests.support import until

ECHO = """
from arangolab import scenario

@scenario
def echo(session):
    for n in range(3):
        said = f"user_{session.user}/{n}/{session.rng.random()}"
        with session.step("ask"):
            rows = session.db.AQLQuery("RETURN @key", rawResults=True, bindVars={"key": said})
        session.check(rows[0]["echo"]["key"] == said, "another's reply")
"""

IMPATIENT = """
import gevent
from arangolab import scenario

def ask(session, said):
    return session.db.AQLQuery("RETURN @key", rawResults=True, bindVars={"key": said})

@scenario
def impatient(session):
    with gevent.Timeout(0.02, False):
        ask(session, f"{session.user}/first")
        raise AssertionError("a reply came in time")
    rows = ask(session, f"{session.user}/second")
    session.check(rows[0]["echo"]["key"] == f"{session.user}/second", "another's reply")
"""

LARGE = """
from arangolab import scenario

@scenario
def large(session):
    said = f"{session.user}" * 3_000_000
    rows = session.db.AQLQuery("RETURN @key", rawResults=True, bindVars={"key": said[:3_000_000]})
    session.check(rows[0]["echo"]["key"] == said[:3_000_000], "not what was sent")
"""


@pytest.mark.slow
def test_no_greenlet_gets_anothers_reply() -> None:
    """Each reply echoes what its request said, with dozens in flight on shared connections."""
    with Stub() as stub:
        stub.delay_s = 0.05
        setup = setup_for(stub.url, scenario="echo", scenario_source=ECHO)
        with Drive(setup) as drive:
            drive.run(200, 0.4)
            assert drive.errors() == {}
            assert drive.total("finished") == 80
            assert len(stub.keys) == 240


@pytest.mark.slow
def test_no_greenlet_gets_anothers_reply_under_fire() -> None:
    """A hundred in flight, connections cut five times a second, some replies too late."""
    with Stub() as stub:
        stub.delay_s = 0.1
        setup = setup_for(stub.url, "echo", ECHO, max_in_flight=400, read_timeout_s=0.5)
        with Drive(setup) as drive:
            drive.go(pace(600, max_in_flight=400))
            for turn in range(12):
                drive.pump(0.2)
                stub.drop_connections()
                stub.delay_s = 0.7 if turn % 4 == 2 else 0.1
            drive.stop(2.0)
            drive.assert_books_balance()
            assert max(i.in_flight for i in drive.all(Interval)) > 50
            assert drive.total("failed") > 50
            assert "check ask" not in drive.errors()


@pytest.mark.slow
def test_a_request_that_was_given_up_leaves_nothing_behind() -> None:
    """A scenario that loses patience: the late reply reaches nobody who asked something else."""
    with Stub() as stub, Drive(setup_for(stub.url, "impatient", IMPATIENT)) as drive:
        stub.delay_s = 0.1
        drive.run(100, 0.4)
        assert drive.errors() == {}
        assert drive.total("finished") == 40
        assert len(stub.keys) == 80


@pytest.mark.slow
def test_large_bodies_go_through_whole() -> None:
    """More than the kernel takes at once, there and back, several side by side."""
    with Stub() as stub, Drive(setup_for(stub.url, "large", LARGE)) as drive:
        drive.run(20, 0.5)
        assert drive.errors() == {}
        assert drive.total("bytes_sent") > 10 * 3_000_000


@pytest.mark.slow
def test_replies_are_counted_by_method_status_and_error_number() -> None:
    """As many as there were requests, each with its time."""
    with Stub() as stub, Drive(setup_for(stub.url, "login")) as drive:
        stub.fault = (500, 4, "could not acquire v8 context")
        drive.run(50, 0.4)
        counted: Counter[str] = Counter()
        for interval in drive.all(Interval):
            counted.update(interval.replies)
        assert counted["POST 201"] == 20
        assert counted["POST 500/4"] == 20
        assert drive.histogram("request").count == counted.total()


@pytest.mark.parametrize("transport", ["pooled", "grequests"])
@pytest.mark.slow
def test_what_replies_tell_of_the_servers_queue_is_counted(transport: TransportName) -> None:
    """With each reply, a failed one too; what is no number is passed over."""
    with Stub() as stub, Drive(setup_for(stub.url, "login", transport=transport)) as drive:
        stub.queue_time = "0.25"
        stub.fault = (500, 4, "could not acquire v8 context")
        drive.run(50, 0.4)
        told = drive.histogram("server_queue")
        assert told.percentile_s(50) == pytest.approx(0.25, rel=0.01)
        assert 20 <= told.count <= drive.histogram("request").count
    with Stub() as stub, Drive(setup_for(stub.url, "login", transport=transport)) as drive:
        stub.queue_time = "soon"
        drive.run(50, 0.4)
        assert drive.histogram("server_queue").count == 0
        assert drive.total("failed") == 0


@pytest.mark.slow
def test_connections_are_kept_and_used_again() -> None:
    """A hundred scenarios one after the other need no more than a few."""
    with Stub() as stub, Drive(setup_for(stub.url)) as drive:
        drive.run(100, 1.0)
        assert drive.total("connections_opened") == stub.connections <= 20


@pytest.mark.slow
def test_a_post_that_was_cut_off_is_an_error_and_never_sent_again() -> None:
    """The server received exactly as many transactions as the injector began."""
    with Stub() as stub, Drive(setup_for(stub.url, scenario="login")) as drive:
        stub.cut = 50
        drive.run(200, 0.4)
        assert stub.requests["transaction"] == 80
        assert drive.errors() == {"no reply transaction": 50}
        assert drive.total("finished") == 80
        assert drive.total("retries") == 0


@pytest.mark.slow
def test_a_connection_that_the_server_closed_while_idle_is_not_used() -> None:
    """It is found out before the request is written: no error, no second sending."""
    with Stub() as stub, Drive(setup_for(stub.url)) as drive:
        drive.go(pace(20), pace(0, 0.2, 4), pace(20, 0.8, 4), pace(0, 1.0, 8))
        drive.pump(0.5)
        stub.drop_connections()
        drive.pump(0.6)
        drive.stop(1.0)
        assert drive.errors() == {}
        assert drive.total("finished") == len(stub.keys) == 8


@pytest.mark.slow
def test_a_server_that_dies_and_comes_back() -> None:
    """Errors in between say why; then work goes on with new connections and a new token."""
    stub = Stub()
    with Drive(setup_for(stub.url)) as drive:
        drive.go(pace(50))
        drive.pump(0.4)
        stub.stop()
        drive.pump(0.4)
        back = Stub(port=stub.port)
        with back:
            until(lambda: drive.pump(0.05) or len(back.keys) > 10)
            drive.stop(1.0)
    assert any(kind == "connection refused read_user" for kind in drive.errors())
    assert set(drive.errors()) <= {"connection refused read_user", "no reply read_user"}
    assert drive.total("failed") == sum(drive.errors().values())
    drive.assert_books_balance()


@pytest.mark.slow
def test_a_server_that_never_answers_is_a_read_timeout() -> None:
    """After the time that was set."""
    with Stub() as stub, Drive(setup_for(stub.url, read_timeout_s=0.2)) as drive:
        stub.delay_s = 1.0
        drive.run(20, 0.3)
        assert drive.errors() == {"read timeout read_user": 6}


@pytest.mark.slow
def test_tokens_are_renewed_before_they_end_and_once_for_all() -> None:
    """Tokens of two seconds, dozens of scenarios a second: no request is refused."""
    with Stub(token_life_s=2.0) as stub, Drive(setup_for(stub.url)) as drive:
        stub.delay_s = 0.02
        drive.run(50, 4.0)
        assert drive.errors() == {}
        assert 4 <= stub.requests["/_open/auth"] <= 7


@pytest.mark.slow
def test_a_token_that_the_server_no_longer_knows_is_replaced() -> None:
    """What was refused is counted as failed; then the new token serves, asked for once."""
    with Stub() as stub, Drive(setup_for(stub.url)) as drive:
        drive.go(pace(100), pace(0, 1.0, 100))
        drive.pump(0.4)
        stub.refuse_all_tokens_so_far()
        drive.pump(0.65)
        drive.stop(1.0)
        assert set(drive.errors()) == {"401/11 read_user"}
        assert 1 <= drive.total("failed") < 30
        assert stub.requests["/_open/auth"] == 2


def test_a_server_without_authentication_gets_basic() -> None:
    """It has no /_open/auth; the run goes on all the same."""
    with Stub() as stub:
        stub.has_auth_route = False
        with Drive(setup_for(stub.url)) as drive:
            drive.run(50, 0.2)
            assert drive.errors() == {}


def test_several_coordinators_take_turns() -> None:
    """Requests go to each of the addresses in rotation."""
    with Stub() as one, Stub() as two, Drive(setup_for(one.url, urls=(one.url, two.url))) as drive:
        drive.run(100, 0.2)
        assert drive.errors() == {}
        assert len(one.keys) == len(two.keys) == 10


def test_statsd_lines_that_the_host_refuses_are_counted() -> None:
    """They were sent and do not arrive, so their loss shows."""
    out = StatsdOut("127.0.0.1", 9, worker=0)
    out._sock.close()  # every sendto is an OSError from now on
    out.incr("errors", 1)
    out._emit()
    assert (out.lines, out.packets) == (1, 1)


def test_statsd_lines_are_sent_as_counted() -> None:
    """Absolute gauges, counters from zero, timings in milliseconds; none lost on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, Stub() as stub:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.5)
        port = sock.getsockname()[1]
        setup = setup_for(stub.url, scenario="login", statsd_port=port, worker=3)
        with Drive(setup) as drive:
            drive.run(100, 0.2)
        packets = []
        end = time.monotonic() + 5
        while len(packets) < drive.total("statsd_packets") and time.monotonic() < end:
            packets.append(sock.recv(65536))
    assert max(map(len, packets)) <= 1432
    lines = b"\n".join(packets).decode().split("\n")
    assert len(lines) == drive.total("statsd_lines")
    assert lines[0] == "errors:0|c"
    assert [line for line in lines if line.startswith("clients.w3:")][-1] == "clients.w3:0|g"
    assert "processes:1|g" in lines
    assert any(line.startswith("conn.w3:") and line.endswith("|g") for line in lines)
    names = {line.split(":")[0] for line in lines if line.endswith("|ms")}
    inner = {"login.update_user", "login.update_groups", "login.return_one"}
    assert names == {"login", "login.read_user", "login.transaction", *inner}
    whole_ms = [float(line[6:-3]) for line in lines if line.startswith("login:")]
    assert len(whole_ms) == 20
    assert all(0.1 < ms < 5000 for ms in whole_ms)
