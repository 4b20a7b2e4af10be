"""The built-in scenarios against the sandbox: they touch what they should, and say what fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from arangolab import dataset
from arangolab.injector.protocol import Interval
from arangolab.sandbox.launcher import SandboxProcess, start
from arangolab.target import Target, api
from tests.injector.drive import Drive, pace, setup_for

PYARANGO = """
from arangolab import scenario

@scenario
def by_documents(session):
    key = f"user_{session.user}"
    with session.step("fetch"):
        user = session.db["user"][key]
    session.check(user["_key"] == key, "another's document")
    with session.step("patch"):
        user["visits"] = user["visits"] + 1
        user.patch()
    with session.step("save"):
        made = session.db["groups"].createDocument({"name": key, "counter": 0})
        made.save()
    with session.step("delete"):
        made.delete()
    with session.step("batches"):
        found = list(session.db.AQLQuery("FOR i IN 1..25 RETURN i", batchSize=10, rawResults=True))
    session.check(found == list(range(1, 26)), "a batch is missing")
"""


@pytest.fixture
def sandbox() -> Iterator[SandboxProcess]:
    """A sandbox with two JavaScript contexts and the graph of a hundred users."""
    with start(v8_contexts=2, v8_wait_s=20.0) as made:
        dataset.load(target(made), users=100)
        yield made


def target(sandbox: SandboxProcess) -> Target:
    """The sandbox as a target."""
    return Target(urls=(sandbox.url,), user="root", password="", database="_system")


def counters(sandbox: SandboxProcess) -> list[int]:
    """Sums of user.counter and groups.counter."""
    query = "RETURN [SUM(FOR u IN user RETURN u.counter), SUM(FOR g IN groups RETURN g.counter)]"
    sums: list[int] = api(target(sandbox), "POST", "/_api/cursor", json={"query": query})["result"][
        0
    ]
    return sums


@pytest.mark.slow
def test_a_login_counts_on_the_user_and_on_each_of_the_users_groups(
    make_sandbox: Callable[..., SandboxProcess],
) -> None:
    """After R logins users grew by R, groups by the number of memberships of who logged in.

    One JavaScript context, so that no two logins meet in a group.
    """
    sandbox = make_sandbox(v8_contexts=1)
    dataset.load(target(sandbox), users=100)
    with Drive(setup_for(sandbox.url, scenario="login")) as drive:
        drive.run(100, 0.5, last_user=50)
        assert drive.errors() == {}
        assert drive.total("finished") == 50
    assert counters(sandbox) == [50, sum(user % 10 for user in range(1, 51))]


def test_a_login_of_somebody_unknown_says_what_to_do(sandbox: SandboxProcess) -> None:
    """The check names the key and the missing data set."""
    with Drive(setup_for(sandbox.url, scenario="login")) as drive:
        drive.run(50, 0.1, first_user=7000, last_user=7000)
        assert drive.errors() == {"check read_user": 5}
        first = drive.first_errors()["check read_user"]
        assert first.message == (
            "0 users have the key user_7000: load the data set, or choose users that are in it"
        )


def test_pyarango_works_as_its_users_know_it(sandbox: SandboxProcess) -> None:
    """Collections, documents and cursors of several batches, over the transport."""
    setup = setup_for(sandbox.url, scenario="mine", scenario_source=PYARANGO)
    with Drive(setup) as drive:
        drive.run(50, 0.4, last_user=100)
        assert drive.first_errors() == {}
        assert drive.total("finished") == 20
        assert drive.histogram("step:batches").count == 20


@pytest.mark.slow
def test_too_few_contexts_are_told_in_the_servers_words() -> None:
    """Far above capacity: HTTP 500, errorNum 4; clients pile up; reads go on unharmed."""
    with start(v8_contexts=1, v8_wait_s=0.5, transaction_delay_s=0.2) as sandbox:
        dataset.load(target(sandbox), users=100)
        with Drive(setup_for(sandbox.url, scenario="login")) as drive:
            drive.run(25, 2.0, drain_s=5.0, last_user=100)
            assert set(drive.errors()) == {"500/4 transaction"}
            first = drive.first_errors()["500/4 transaction"]
            assert first.message == "could not acquire v8 context"
            assert max(i.in_flight for i in drive.all(Interval)) >= 8
            done = drive.total("finished") - drive.total("failed")
        assert counters(sandbox)[0] == done


@pytest.mark.slow
def test_a_sandbox_that_is_killed_and_started_again_is_used_again() -> None:
    """Another process, another token secret: errors in between, then work."""
    with start() as first:
        port = int(first.url.rsplit(":", 1)[1])
        dataset.load(target(first), users=100)
        with Drive(setup_for(first.url, scenario="aql_read")) as drive:
            drive.go(pace(50, last_user=100))
            drive.pump(0.5)
            first.stop()
            drive.pump(0.3)
            with start(port=port) as second:
                dataset.load(target(second), users=100)
                drive.pump(1.5)
                drive.stop(1.0)
            last = drive.all(Interval)[-3]
            assert last.finished > 0
            assert last.failed == 0
            assert "connection refused read_user" in drive.errors()
