"""Several injectors make exactly the global schedule, through changes that come late or early."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.arrivals import Poisson
from arangolab.injector.protocol import Pace as PaceMessage
from arangolab.injector.schedule import Schedule
from arangolab.pacing import Pace
from tests.injector.drive import pace


def message(made: Pace, index: int = 0, of: int = 1) -> PaceMessage:
    """A pace as it is sent to one injector."""
    sent = pace(made.rate_per_s, made.anchor_s, made.anchor_count, index=index, of=of)
    return replace(sent, rise_s=made.rise_s, from_rate_per_s=made.from_rate_per_s)


def taken_until(schedule: Schedule, t_s: float) -> list[tuple[int, float]]:
    """(number, due) of all starts due up to a time."""
    taken = []
    while (due_s := schedule.due_s()) <= t_s:
        taken.append((schedule.take(), due_s))
    return taken


def test_nothing_is_due_before_the_first_pace() -> None:
    """An injector that got no pace waits."""
    assert Schedule().due_s() == math.inf


def test_a_run_of_twenty_seconds_at_five_has_a_hundred_starts() -> None:
    """The pace of rate 0, sent ahead, ends the run before the start that is due at its anchor."""
    schedule = Schedule()
    schedule.set(pace(5.0))
    schedule.set(pace(0.0, anchor_s=20.0, anchor_count=100.0))
    taken = taken_until(schedule, 1000.0)
    assert [g for g, _ in taken] == list(range(100))
    assert taken[-1][1] == 99 / 5


@settings(deadline=None)
@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.floats(0.5, 5), st.floats(0, 40)), min_size=1, max_size=6),
    st.lists(st.floats(0, 1), min_size=5, max_size=5),
)
def test_processes_make_exactly_the_global_schedule(
    of: int, steps: list[tuple[float, float]], delays_s: list[float]
) -> None:
    """Each start once, at its time, though each process learns of a change at another moment."""
    paces = [Pace(0.0, 0.0, 20.0)]
    for held_s, rate in steps:
        paces.append(paces[-1].change(paces[-1].anchor_s + held_s, rate))
    end_s = paces[-1].anchor_s + 3.0
    everything: list[int] = []
    for index in range(of):
        schedule = Schedule()
        mine: list[tuple[int, float]] = []
        for made in paces:
            mine += taken_until(schedule, made.anchor_s + delays_s[index] * 0.2 - 0.1)
            schedule.set(message(made, index, of))
        mine += taken_until(schedule, end_s)
        numbers = [g for g, _ in mine]
        assert all(g % of == index for g in numbers)
        assert numbers == [index + n * of for n in range(len(numbers))]
        everything += numbers
    assert len(everything) == len(set(everything))


@settings(deadline=None)
@given(st.floats(1, 100), st.floats(0, 100), st.floats(0.2, 5), st.floats(0, 3))
def test_a_late_injector_loses_no_start_when_the_rate_changes(
    first: float, second: float, held_s: float, late_s: float
) -> None:
    """Starts of the old pace that were not made in time are made under the new one."""
    old = Pace(0.0, 0.0, first)
    new = old.change(held_s, second)
    schedule = Schedule()
    schedule.set(message(old))
    schedule.set(message(new))
    taken = taken_until(schedule, held_s + late_s)
    assert [g for g, _ in taken] == list(range(len(taken)))
    assert [due for _, due in taken] == [
        old.due_s(g) if g < new.anchor_count else new.due_s(g) for g, _ in taken
    ]


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(0, 9), st.floats(1, 60), st.floats(0, 4))
def test_processes_share_random_arrivals_of_one_schedule(
    of: int, seed: int, rate: float, rise_s: float
) -> None:
    """Through a change with a rise: together they make each start once, at the same times."""
    old = Pace(0.0, 0.0, 30.0)
    new = old.change(2.0, rate, rise_s)
    whole = Schedule(Poisson(seed))
    shares = [Schedule(Poisson(seed)) for _ in range(of)]
    for index, schedule in enumerate([whole, *shares]):
        for made in (old, new):
            schedule.set(message(made, max(0, index - 1), of if index else 1))
    expected = taken_until(whole, 6.0)
    assert sorted(itertools.chain.from_iterable(taken_until(s, 6.0) for s in shares)) == expected
    assert [due for _, due in expected] == sorted(due for _, due in expected)


def test_a_new_process_takes_its_share_from_the_anchor_on() -> None:
    """Two processes become three at start 100: together they still make each start once."""
    old, new = Pace(0.0, 0.0, 10.0), Pace(10.0, 100.0, 15.0)
    numbers: list[int] = []
    for index in range(3):
        schedule = Schedule()
        if index < 2:
            schedule.set(message(old, index, 2))
        schedule.set(message(new, index, 3))
        numbers += [g for g, _ in taken_until(schedule, 19.99)]
    assert sorted(numbers) == list(range(250))


def test_a_pace_replaces_those_that_were_to_come_later() -> None:
    """A slider moved ahead of a planned step wins over it."""
    schedule = Schedule()
    schedule.set(pace(10.0))
    schedule.set(pace(100.0, anchor_s=5.0, anchor_count=50.0))
    schedule.set(pace(1.0, anchor_s=2.0, anchor_count=20.0))
    assert len(taken_until(schedule, 11.5)) == 30


def test_a_pause_goes_on_where_it_stopped() -> None:
    """Rate 0, then a rate again: the numbers go on."""
    schedule = Schedule()
    schedule.set(pace(10.0))
    first = taken_until(schedule, 0.95)
    schedule.set(pace(0.0, anchor_s=1.0, anchor_count=10.0))
    assert taken_until(schedule, 100.0) == []
    schedule.set(replace(pace(10.0, anchor_s=50.0, anchor_count=10.0)))
    second = taken_until(schedule, 50.95)
    assert [g for g, _ in first + second] == list(range(20))
    assert second[0][1] == 50.0
