"""A plan says what a run will do, and refuses what cannot be run."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab.errors import InputError
from arangolab.plan import Objective, Plan, Step, parse_user_range

rates = st.floats(min_value=0, max_value=1e5, allow_nan=False)
holds = st.floats(min_value=0.001, max_value=1e5, allow_nan=False)
steps = st.builds(Step, rate_per_s=rates, hold_s=holds)


@given(st.lists(steps, min_size=1, max_size=5), st.integers(1, 9), st.text(max_size=20))
def test_a_plan_survives_the_way_through_json(some: list[Step], processes: int, title: str) -> None:
    """What the kernel plans is what the runner reads."""
    plan = Plan(steps=tuple(some), processes=processes, title=title, objective=Objective())
    assert Plan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize(
    ("values", "clause"),
    [
        ({"steps": (Step(rate_per_s=-1, hold_s=1),)}, "a rate of -1 scenarios/s"),
        ({"steps": (Step(rate_per_s=math.nan, hold_s=1),)}, "a rate of nan scenarios/s"),
        ({"steps": (Step(rate_per_s=1, hold_s=0),)}, "a hold of 0 s"),
        ({"steps": (Step(rate_per_s=1), Step(rate_per_s=2))}, "only the last step"),
        ({"steps": ()}, "there is no step"),
        ({"first_user": 5, "last_user": 4}, "the user range 5:4 is empty"),
        ({"first_user": 0}, "users start at 1"),
        ({"processes": 0}, "0 injector processes"),
        ({"processes": 8, "max_in_flight": 4}, "a bound of 4 in flight for 8 processes"),
        ({"interval_s": 0.0}, "a sampling interval of 0.0 s"),
        ({"read_timeout_s": 0.0}, "a timeout that is not above 0 s"),
    ],
)
def test_a_value_that_cannot_be_run_is_named(values: dict[str, object], clause: str) -> None:
    """Each fault is one clause of the error."""
    with pytest.raises(InputError) as raised:
        Plan(**values)  # type: ignore[arg-type]
    assert clause in str(raised.value)


def test_all_faults_are_named_at_once() -> None:
    """Nobody corrects one value only to be told of the next."""
    with pytest.raises(InputError) as raised:
        Plan(processes=0, first_user=9, last_user=2)
    assert "0 injector processes" in str(raised.value)
    assert "9:2 is empty" in str(raised.value)


def test_the_duration_is_the_warm_up_and_all_holds() -> None:
    """And the deadline leaves room for drain and the slowest reply."""
    plan = Plan(steps=(Step(rate_per_s=1, hold_s=10), Step(rate_per_s=2, hold_s=20)), warm_up_s=5)
    assert plan.duration_s == 35
    assert plan.deadline_s >= 35 + plan.drain_s + plan.read_timeout_s


def test_an_open_ended_run_still_has_a_deadline() -> None:
    """A forgotten panel does not load a server for ever."""
    plan = Plan(steps=(Step(rate_per_s=1),))
    assert plan.duration_s == math.inf
    assert math.isfinite(plan.deadline_s)


def test_a_user_range_has_both_ends_in_it() -> None:
    """``A:B`` is users A to B."""
    assert parse_user_range("100:2000") == (100, 2000)
    assert parse_user_range("7:7") == (7, 7)


@pytest.mark.parametrize("text", ["", "5", "a:b", "1:2:3", "9:3", "0:5", "-4:5"])
def test_a_user_range_that_cannot_be_used_is_refused(text: str) -> None:
    """With an example of one that can."""
    with pytest.raises(InputError, match="--users 1:10000"):
        parse_user_range(text)


def test_the_servers_own_wait_is_waited_for() -> None:
    """60 s for a V8 context: its error is to be heard, not a timeout of ours."""
    assert Plan().connect_timeout_s > 60
    assert Plan().read_timeout_s > 60
