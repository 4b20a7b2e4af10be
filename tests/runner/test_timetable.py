"""The timetable: steps and paces without a clock."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.plan import FOREVER_S, Plan, Step
from arangolab.runner.timetable import Timetable


def plan(*steps: tuple[float, float | None], warm_up_s: float = 0.0) -> Plan:
    """A plan of (rate, hold) steps."""
    return Plan(
        steps=tuple(Step(rate_per_s=rate, hold_s=hold) for rate, hold in steps),
        warm_up_s=warm_up_s,
    )


def test_steps_follow_each_other() -> None:
    """Each begins where the one before ends, at its own rate; after the last comes none."""
    first = Timetable.of(plan((2, 10), (4, 5)))
    second = first.following(first.held.until_s)
    assert second is not None
    assert (first.held.from_s, first.held.until_s) == (0, 10)
    assert (second.held.from_s, second.held.until_s, second.pace.rate_per_s) == (10, 15, 4)
    assert second.following(15) is None
    assert first.ends_s == 15


def test_the_warm_up_comes_before_the_first_step() -> None:
    """At the first step's rate, from 0 on; the step is held in full afterwards."""
    table = Timetable.of(plan((2, 10), warm_up_s=3))
    assert (table.held.from_s, table.held.until_s) == (3, 13)
    assert table.pace.count_at(3) == 6


def test_an_open_ended_step_ends_some_day() -> None:
    """None holds until commanded otherwise, at most FOREVER_S."""
    assert Timetable.of(plan((1, None))).held.until_s == FOREVER_S


def test_a_rate_by_hand_keeps_the_planned_end() -> None:
    """The hold begins anew with the rate; its end, and what follows, stay."""
    table = Timetable.of(plan((2, 10), (4, 5))).with_rate(6, 8)
    assert (table.held.rate_per_s, table.held.from_s, table.held.until_s) == (8, 6, 10)
    assert [(step.rate_per_s, step.hold_s) for step in table.to_come] == [(4, 5)]


def test_a_change_in_the_warm_up_does_not_end_it() -> None:
    """The pace changes at once; the step still begins when the warm-up is over."""
    table = Timetable.of(plan((2, 10), warm_up_s=3)).with_rate(1, 8)
    assert (table.pace.anchor_s, table.held.from_s, table.held.until_s) == (1, 3, 13)
    assert table.with_processes(2, 4).held.from_s == 3


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 200), st.floats(0.1, 50)), min_size=1, max_size=5),
    st.floats(0, 10),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 200)), max_size=4),
)
def test_no_arrival_is_lost_or_doubled(
    steps: list[tuple[float, float]], warm_up_s: float, changes: list[tuple[float, float]]
) -> None:
    """What was due by the end is the sum of rate x time, whatever was changed by hand."""
    table = Timetable.of(plan(*steps, warm_up_s=warm_up_s))
    at_s, expected = 0.0, 0.0
    while True:
        for fraction, rate_per_s in sorted(changes):
            change_s = table.held.from_s + fraction * (table.held.until_s - table.held.from_s)
            if at_s < change_s < table.held.until_s:
                expected += (change_s - at_s) * table.pace.rate_per_s
                at_s, table = change_s, table.with_rate(change_s, rate_per_s)
        expected += (table.held.until_s - at_s) * table.pace.rate_per_s
        at_s = table.held.until_s
        assert math.isclose(table.end(at_s).anchor_count, expected, rel_tol=1e-9, abs_tol=1e-6)
        following = table.following(at_s)
        if following is None:
            break
        table = following
    assert table.end(at_s).rate_per_s == 0


@pytest.mark.parametrize("at_s", [0.0, 3.7, 10.0])
def test_processes_leave_the_rate_alone(at_s: float) -> None:
    """The number of processes is no part of the pace."""
    table = Timetable.of(plan((5, 10)))
    assert table.with_processes(at_s, 3).pace.count_at(10) == table.pace.count_at(10)
