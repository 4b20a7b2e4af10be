"""Scenarios as users write them, in whole runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arangolab.errors import ScenarioError
from arangolab.plan import Part
from arangolab.runner import handle
from arangolab.scenarios.catalogue import planned
from arangolab.target import Target, api
from tests.runner.runs import plan_of, said, start
from tests.runner.test_runs import counters

pytestmark = pytest.mark.slow

HOOKED = """
from arangolab import scenario
from arangolab.scenarios.rows import csv_rows

def setup(db):
    db.createCollection(name="seen")

def teardown(db):
    db.collections["seen"].createDocument({"_key": "torn", "by": "teardown"}).save()

@scenario(rows=[{"n": n} for n in range(30)], once=True)
def mine(session):
    with session.step("note"):
        session.db.collections["seen"].createDocument({"_key": f"row_{session.row['n']}"}).save()
"""


def rows(target: Target, query: str) -> list[object]:
    """What a query returns."""
    found: list[object] = api(target, "POST", "/_api/cursor", json={"query": query})["result"]
    return found


def test_setup_rows_and_teardown(target: Target, tmp_path: Path) -> None:
    """Each row feeds one start of either process; then the run ends, and is tidied up."""
    plan = plan_of((40, 5), scenario="mine", scenario_source=HOOKED, processes=2)
    run = handle.start(plan, target, tmp_path / "run.sqlite").wait()
    figures = run.summary()
    assert figures["ending"] == "Every row was used once."
    assert (figures["started"], figures["failed"]) == (30, 0)
    keys = rows(target, "FOR s IN seen RETURN s._key")
    api(target, "DELETE", "/_api/collection/seen")
    assert sorted(map(str, keys)) == sorted(["torn", *(f"row_{n}" for n in range(30))])


TOLD = """
def setup(db, depth):
    db.createCollection(name="told")

def mine(session, *, depth: int = 1, mode: str = "hot"):
    with session.step("note"):
        key = f"{mode}_{depth}_{session.user}"
        session.db.collections["told"].createDocument({"_key": key}).save()
"""


def test_injectors_are_told_the_parameters(target: Target, tmp_path: Path) -> None:
    """Each process plays with what was given, the rest as usual; the run tells of both."""
    plan = plan_of(
        (20, 1),
        scenario="mine",
        scenario_source=TOLD,
        scenario_params={"depth": 7, "mode": "hot"},
        scenario_changed=("depth",),
        processes=2,
        user_order="once",
        last_user=10,
    )
    run = handle.start(plan, target, tmp_path / "run.sqlite").wait()
    keys = rows(target, "FOR t IN told RETURN t._key")
    api(target, "DELETE", "/_api/collection/told")
    assert sorted(map(str, keys)) == sorted(f"hot_7_{user}" for user in range(1, 11))
    assert run.summary()["params"] == {"depth": 7, "mode": "hot"}
    assert "mine(depth=7)" in repr(run)
    assert "depth=7, mode=hot" in run._repr_html_()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("login", {"count_groups": False}),
        ("login_stream", {"count_groups": False}),
        ("aql_read", {"batch": 50}),
        ("transaction", {"updates": 3}),
        ("transaction_stream", {"updates": 3}),
    ],
)
def test_what_ships_can_be_told_otherwise(
    target: Target, tmp_path: Path, name: str, params: dict[str, Any]
) -> None:
    """Each is played to its end, and its own checks hold."""
    plan = replace(plan_of((20, 1)), **planned(name, params))
    figures = handle.start(plan, target, tmp_path / "run.sqlite").wait().summary()
    assert figures["finished"] >= 15
    assert (figures["failed"], figures["errors"]) == (0, [])


def test_a_setup_that_fails_begins_no_run(target: Target, tmp_path: Path) -> None:
    """Its error in one sentence, and no run file."""
    source = "def setup(db): raise ValueError('no room')\ndef mine(session): pass\n"
    with pytest.raises(ScenarioError, match="setup of the scenario mine failed: ValueError"):
        start(target, tmp_path / "run.sqlite", (5, 1), scenario="mine", scenario_source=source)
    assert not (tmp_path / "run.sqlite").exists()


def test_a_teardown_that_fails_spoils_nothing(target: Target, tmp_path: Path) -> None:
    """It is said in the run file."""
    source = "def teardown(db): raise ValueError('gone')\ndef mine(session): pass\n"
    run = start(
        target, tmp_path / "run.sqlite", (20, 0.5), scenario="mine", scenario_source=source
    ).wait()
    assert run.summary()["finished"] == 10
    assert "teardown of the scenario mine failed: ValueError: gone" in said(run, "error")


def test_each_user_once(target: Target, tmp_path: Path) -> None:
    """The run ends when all processes have been through their shares."""
    plan = plan_of((40, 5), scenario="aql_read", last_user=25, user_order="once", processes=2)
    run = handle.start(plan, target, tmp_path / "run.sqlite").wait()
    assert run.summary()["ending"] == "Every user was used once."
    assert run.summary()["finished"] == 25


def test_a_mix_counts_each_scenario_by_itself(target: Target, tmp_path: Path) -> None:
    """Three logins for each read, exactly; metrics, steps and times carry their names."""
    before = counters(target)
    mix = (Part(name="login", weight=3), Part(name="aql_read"))
    run = handle.start(
        plan_of((40, 2), scenario="mix", mix=mix), target, tmp_path / "run.sqlite"
    ).wait()
    assert run.summary()["finished"] == 80
    assert counters(target) - before == 60
    assert run.histogram("service:login").count == 60
    assert run.histogram("response:aql_read").count == 20
    assert run.histogram("step:login.read_user").count == 60
    names = set(run.samples()["name"])
    assert {"login.mean_ms", "aql_read.read_user.p95_ms"} <= names


@pytest.mark.parametrize("name", ["login_stream", "transaction", "transaction_stream"])
def test_those_that_ship_count_what_they_should(target: Target, tmp_path: Path, name: str) -> None:
    """One on the user for each that ended; the login's groups too, by its own check."""
    before = counters(target)
    run = start(target, tmp_path / "run.sqlite", (20, 1), scenario=name, last_user=40).wait()
    figures = run.summary()
    assert (figures["finished"], figures["errors"]) == (20, [])
    assert counters(target) - before == 20


def test_a_key_used_twice_is_the_tests_own_doing(target: Target, tmp_path: Path) -> None:
    """ErrorNum 1210 is told apart from what the server does wrong."""
    source = (
        "def mine(session):\n"
        "    session.db.collections['user'].createDocument({'_key': 'user_1'}).save()\n"
    )
    run = start(
        target, tmp_path / "run.sqlite", (20, 0.5), scenario="mine", scenario_source=source
    ).wait()
    (row,) = run.error_rows()
    assert (row["kind"], row["self_inflicted"]) == ("409/1210 (key used before)", 1)
