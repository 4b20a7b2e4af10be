"""The injector's process against a real HTTP server: exact starts, honest books, a prompt end."""

from __future__ import annotations

import time

import pytest

from arangolab.injector.launcher import Injector
from arangolab.injector.protocol import End, Interval, Pace
from tests.injector.drive import Drive, pace, setup_for
from tests.injector.stub import Stub

SLEEPING = """
from arangolab import scenario

@scenario
def sleeping(session):
    with session.step("sleep"):
        session.sleep({seconds})
"""

RAISING = """
from arangolab import scenario

@scenario
def raising(session):
    with session.step("divide"):
        return [1 / (session.user % 2), {}["gone"]]
"""

CHECKING = """
from arangolab import scenario

@scenario
def checking(session):
    session.check(session.user % 2, "the user is even")
"""

BLOCKING = """
import time
from arangolab import scenario

@scenario
def blocking(session):
    end = time.perf_counter() + {seconds}
    while time.perf_counter() < end:
        pass
"""

LATE = """
import time
from arangolab import scenario

@scenario
def late(session):
    with session.step("nap"):
        session.sleep(0.001)
    end = time.perf_counter() + (0.3 if session.user == 2 else 0)
    while time.perf_counter() < end:
        pass
"""

RETRYING = """
from arangolab import scenario

@scenario
def retrying(session):
    def write():
        return session.db.transaction({"write": ["user"]}, "", params={"key": "user_1"})
    with session.step("write"):
        session.retry(write, most=2)
"""

TALKING = """
from arangolab import scenario
print("loading")

@scenario
def talking(session):
    print("hello", session.rng.random(), flush=True)
"""


def custom(stub: Stub, source: str, **changes: object) -> Drive:
    """An injector with a scenario of the test's own."""
    return Drive(setup_for(stub.url, scenario="mine", scenario_source=source, **changes))


def test_login_makes_exactly_the_starts_of_the_schedule() -> None:
    """Rate times time, none lost, none doubled; each user once; nothing fails."""
    with Stub() as stub, Drive(setup_for(stub.url, scenario="login")) as drive:
        drive.run(80, 0.5)
        assert drive.total("started") == drive.total("finished") == 40
        assert drive.errors() == {}
        assert stub.requests["cursor"] == stub.requests["transaction"] == 40
        assert sorted(stub.keys) == sorted(f"user_{n}" for n in range(1, 41))
        assert drive.histogram("lateness").count == 40
        assert drive.histogram("step:transaction").count == 40
        assert drive.histogram("response").mean_s() >= drive.histogram("service").mean_s()
        assert isinstance(drive.said[-1], End)


@pytest.mark.slow
def test_intervals_end_at_multiples_of_the_interval() -> None:
    """Intervals of several processes can be laid on each other; the last ends when it ends."""
    with Stub() as stub, Drive(setup_for(stub.url)) as drive:
        drive.run(50, 0.5)
        times_s = [i.t_s for i in drive.all(Interval)]
        assert times_s[:2] == [0.2, 0.4]
        assert times_s[-1] >= 0.5


@pytest.mark.slow
def test_users_go_round_their_range() -> None:
    """Only users of the injector's own range, each as often as the others."""
    with Stub() as stub, Drive(setup_for(stub.url)) as drive:
        drive.run(100, 0.3, first_user=11, last_user=20)
        assert {stub.keys.count(f"user_{n}") for n in range(11, 21)} == {3}


@pytest.mark.slow
def test_two_injectors_make_the_schedule_of_one() -> None:
    """Each start and each user belongs to one of them."""
    with Stub() as stub, Drive(setup_for(stub.url)) as a, Drive(setup_for(stub.url)) as b:
        paces: list[list[Pace]] = []
        for index in range(2):
            users = {"first_user": 1 + 50 * index, "last_user": 50 + 50 * index}
            share = {"index": index, "of": 2, **users}
            paces.append([pace(75, **share), pace(0, 1.0, 75, **share)])
        a.go(*paces[0])
        b.go(*paces[1])
        for drive in (a, b):
            drive.pump(1.05)
            drive.stop(1.0)
            drive.assert_books_balance()
        assert (a.total("started"), b.total("started")) == (38, 37)
        assert len(set(stub.keys)) == 75


@pytest.mark.slow
def test_a_new_rate_takes_effect_at_once_without_a_burst() -> None:
    """An injector that waits for a start minutes away hears of the new rate."""
    with Stub() as stub, Drive(setup_for(stub.url)) as drive:
        drive.go(pace(0.01))
        drive.pump(0.3)
        now_s = time.monotonic() - drive.t0_s
        drive.injector.send(pace(100, now_s, 0.01 * now_s))
        drive.injector.send(pace(0, now_s + 0.5, 0.01 * now_s + 50))
        drive.pump(0.6)
        drive.stop(1.0)
        assert drive.total("started") == 51
        assert drive.histogram("lateness").percentile_s(100) < 0.1


@pytest.mark.slow
def test_beyond_the_bound_arrivals_are_shed_and_counted() -> None:
    """Nothing queues: what cannot start when it is due does not start."""
    with Stub() as stub, custom(stub, SLEEPING.format(seconds=0.5)) as drive:
        drive.run(100, 1.0, max_in_flight=5)
        assert drive.total("intended") == 100
        assert drive.total("shed") > 50
        assert max(i.in_flight for i in drive.all(Interval)) == 5
        assert drive.histogram("lateness").percentile_s(100) < 0.3


@pytest.mark.slow
def test_a_user_in_flight_twice_is_counted_as_reused() -> None:
    """A range too small for the rate shows."""
    with Stub() as stub, custom(stub, SLEEPING.format(seconds=0.4)) as drive:
        drive.run(20, 0.5, last_user=2)
        assert drive.total("reused") == 8


@pytest.mark.slow
def test_a_stop_without_drain_ends_within_a_second() -> None:
    """What is in flight is given up and counted."""
    with Stub() as stub, custom(stub, SLEEPING.format(seconds=30)) as drive:
        drive.go(pace(100))
        drive.pump(0.3)
        asked_s = time.monotonic()
        exited = drive.stop(0.0)
        assert time.monotonic() - asked_s < 5.0
        assert exited.returncode == 0
        drive.assert_books_balance()
        assert drive.total("abandoned") == drive.total("started") > 20
        assert drive.total("finished") == 0


@pytest.mark.slow
def test_a_stop_sent_just_ahead_of_the_schedules_end_loses_no_start() -> None:
    """A process that is taken out makes all the starts of its share."""
    with Stub() as stub, Drive(setup_for(stub.url)) as drive:
        drive.go(pace(100), pace(0, 0.3, 30))
        drive.pump(0.1)
        drive.stop(1.0)
        assert drive.total("started") == drive.total("finished") == 30


@pytest.mark.slow
def test_a_drain_lets_scenarios_end() -> None:
    """And is over as soon as they have."""
    with Stub() as stub, custom(stub, SLEEPING.format(seconds=0.5)) as drive:
        drive.go(pace(50))
        drive.pump(0.5)
        asked_s = time.monotonic()
        drive.stop(20.0)
        assert time.monotonic() - asked_s < 10.0
        assert drive.total("abandoned") == 0
        assert drive.total("finished") == drive.total("started") > 20


@pytest.mark.slow
def test_whatever_a_scenario_raises_is_counted_by_kind() -> None:
    """The engine goes on; the first message of each kind is kept, with its step."""
    with Stub() as stub, custom(stub, RAISING) as drive:
        drive.run(100, 0.2)
        assert drive.errors() == {"ZeroDivisionError divide": 10, "KeyError divide": 10}
        first = drive.first_errors()["ZeroDivisionError divide"]
        assert first.message == "ZeroDivisionError: division by zero"
        assert (first.step, first.status) == ("divide", 0)
        assert drive.total("failed") == drive.total("finished") == 20


@pytest.mark.slow
def test_a_check_that_does_not_hold_fails_the_scenario() -> None:
    """With the words of the check."""
    with Stub() as stub, custom(stub, CHECKING) as drive:
        drive.run(100, 0.2)
        assert drive.errors() == {"check": 10}
        assert drive.first_errors()["check"].message == "the user is even"


@pytest.mark.slow
def test_the_servers_error_comes_through_word_for_word() -> None:
    """Status, errorNum, message and step."""
    with Stub() as stub, Drive(setup_for(stub.url, scenario="login")) as drive:
        stub.fault = (500, 4, "could not acquire v8 context")
        drive.run(100, 0.2)
        assert drive.errors() == {"500/4 transaction": 20}
        first = drive.first_errors()["500/4 transaction"]
        assert first.message == "could not acquire v8 context"
        assert (first.status, first.error_num, first.step) == (500, 4, "transaction")


@pytest.mark.slow
def test_a_conflict_on_a_user_in_flight_twice_is_the_tests_own() -> None:
    """It is told apart from the server's conflicts."""
    with Stub() as stub, Drive(setup_for(stub.url, scenario="login")) as drive:
        stub.fault = (409, 1200, "write-write conflict")
        stub.delay_s = 0.1
        drive.run(100, 0.2, last_user=1)
        assert drive.errors()["409/1200 transaction (same user twice)"] >= 19
        kinds = drive.first_errors()
        assert kinds["409/1200 transaction (same user twice)"].self_inflicted
        drive_kinds = [k for k in kinds if "twice" not in k]
        assert all(not kinds[k].self_inflicted for k in drive_kinds)


@pytest.mark.slow
def test_what_a_scenario_does_once_more_is_counted() -> None:
    """After a conflict, as often as it says; other errors are not tried again."""
    with Stub() as stub, custom(stub, RETRYING) as drive:
        stub.fault = (409, 1200, "write-write conflict")
        drive.run(50, 0.2)
        assert drive.total("retries") == 20
        assert stub.requests["transaction"] == 30
        assert drive.errors() == {"409/1200 write": 10}
    with Stub() as stub, custom(stub, RETRYING) as drive:
        stub.fault = (500, 4, "could not acquire v8 context")
        drive.run(50, 0.2)
        assert drive.total("retries") == 0
        assert stub.requests["transaction"] == 10


@pytest.mark.slow
def test_a_steps_response_time_has_the_scenarios_lateness_in_it() -> None:
    """A late start would have been waited for in its first step."""
    with Stub() as stub, custom(stub, LATE) as drive:
        drive.run(20, 0.3)
        service, response = drive.histogram("step:nap"), drive.histogram("step_response:nap")
        assert service.count == response.count == 6
        assert response.percentile_s(100) - service.percentile_s(100) > 0.1
        late = drive.histogram("lateness")
        assert response.mean_s() == pytest.approx(service.mean_s() + late.mean_s(), rel=0.01)


@pytest.mark.slow
def test_a_scenario_that_blocks_shows_as_lag_of_the_loop() -> None:
    """And as lateness of the others."""
    with Stub() as stub, custom(stub, BLOCKING.format(seconds=0.3)) as drive:
        drive.run(5, 0.5)
        assert max(i.loop_lag_s for i in drive.all(Interval)) > 0.2
        assert drive.total("started") == 3


@pytest.mark.slow
def test_a_scenario_that_blocks_for_ever_cannot_delay_a_stop() -> None:
    """The process ends by itself, three seconds after the stop at most."""
    with Stub() as stub, custom(stub, BLOCKING.format(seconds=1000)) as drive:
        drive.go(pace(5))
        drive.pump(0.5)
        asked_s = time.monotonic()
        assert drive.stop(0.0).returncode != 0
        assert time.monotonic() - asked_s < 10.0


def test_what_a_scenario_prints_does_not_get_between_messages() -> None:
    """It goes to stderr, of which the last lines are kept."""
    with Stub() as stub, custom(stub, TALKING) as drive:
        drive.run(50, 0.1)
        assert drive.errors() == {}
        assert drive.exited is not None
        assert "hello" in drive.exited.stderr


@pytest.mark.slow
def test_random_numbers_depend_on_seed_and_start_alone() -> None:
    """The same run again draws the same; another seed draws others."""
    with Stub() as stub:
        said = []
        for seed in (1, 1, 2):
            with custom(stub, TALKING, seed=seed) as drive:
                drive.run(50, 0.1)
                assert drive.exited is not None
                said.append(drive.exited.stderr)
    assert said[0] == said[1] != said[2]


@pytest.mark.slow
def test_it_starts_hundreds_a_second_on_time() -> None:
    """None is lost, and none is later than the process itself was kept from running."""
    with Stub() as stub, Drive(setup_for(stub.url, interval_s=1.0)) as drive:
        drive.run(300, 2.0)
        assert drive.total("started") == 600
        kept_s = max(i.loop_lag_s for i in drive.all(Interval))
        assert drive.histogram("lateness").percentile_s(99) < 0.05 + 2 * kept_s


def test_a_gone_injector_is_reported_and_hears_nothing() -> None:
    """Killed from outside, it says so as its last word."""
    with Stub() as stub, Drive(setup_for(stub.url)) as drive:
        drive.go(pace(10))
        drive.injector.kill()
        assert drive.await_exit().returncode == -9
        assert drive.injector.send(pace(1)) is False


def test_the_launcher_does_not_load_gevent() -> None:
    """The runner's side stays free of it."""
    assert Injector.__module__ == "arangolab.injector.launcher"
    import subprocess
    import sys

    code = "import sys, arangolab.injector.launcher; print('gevent' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
