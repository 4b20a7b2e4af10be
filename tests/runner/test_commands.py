"""What may be asked of a run, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from arangolab.errors import InputError
from arangolab.plan import Plan
from arangolab.runner import commands


@pytest.mark.parametrize("value", [-1, -0.1, 1e7, float("nan"), float("inf"), "5", None, True, []])
def test_what_is_no_rate(value: Any) -> None:
    """Refused with what is needed instead."""
    with pytest.raises(InputError, match="is not a rate: a number of scenarios per second"):
        commands.rate_of(value)


@pytest.mark.parametrize("value", [0, 0.5, 1000])
def test_rates(value: float) -> None:
    """0 pauses; fractions are rates as well."""
    assert commands.rate_of(value) == value


@pytest.mark.parametrize("value", [0, -1, 65, 1.5, "2", None, True])
def test_what_is_no_number_of_processes(value: Any) -> None:
    """Whole numbers from 1 to 64 alone."""
    with pytest.raises(InputError, match="is not a number of processes from 1 to 64"):
        commands.processes_of(value, Plan(), 500)


def test_processes_need_something_to_share() -> None:
    """Neither users nor places in flight can be shared among more processes than there are."""
    plan = Plan(first_user=1, last_user=3)
    assert commands.processes_of(3, plan, 500) == 3
    with pytest.raises(InputError, match="4 processes cannot share 3 users"):
        commands.processes_of(4, plan, 500)
    with pytest.raises(InputError, match="3 processes cannot share 2 scenarios in flight"):
        commands.processes_of(3, plan, 2)


def test_users_that_come_once_stay_with_their_process() -> None:
    """Shared out anew, some would come twice and others never."""
    with pytest.raises(InputError, match="the number of processes cannot change"):
        commands.processes_of(2, Plan(user_order="once"), 500)


@pytest.mark.parametrize("value", [0, 1, 2.0, "9", None, True])
def test_what_is_no_bound(value: Any) -> None:
    """A bound leaves each process one place at least."""
    with pytest.raises(InputError, match="a whole number from 2"):
        commands.bound_of(value, 2)
    assert commands.bound_of(2, 2) == 2


@pytest.mark.parametrize("value", ["", "  ", None, 3])
def test_a_note_says_something(value: Any) -> None:
    """An empty remark is refused; a remark is trimmed."""
    with pytest.raises(InputError, match="A note needs a text"):
        commands.note_of(value)
    assert commands.note_of(" so \n") == "so"


@pytest.mark.parametrize(
    ("value", "drain"),
    [({"drain": False}, False), ({"drain": True}, True), ({}, True), (None, True)],
)
def test_a_stop_drains_unless_told_otherwise(value: Any, drain: bool) -> None:
    """Whatever stands there, a stop is a stop."""
    assert commands.drain_of(value) is drain


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("rate", 2.5, "Rate set to 2.5 scenarios/s."),
        ("processes", 3, "Injector processes set to 3."),
        ("max_in_flight", 9, "Bound on scenarios in flight set to 9."),
    ],
)
def test_words(name: str, value: Any, words: str) -> None:
    """Each command as a sentence."""
    assert commands.words(name, value) == words
