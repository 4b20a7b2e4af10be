"""What may be asked of a running run, checked before it is carried out."""

from __future__ import annotations

from typing import Any, Final

from arangolab import units
from arangolab.errors import InputError
from arangolab.plan import PROCESSES_MAX, Plan

RATE_MAX_PER_S: Final = 1e6
"""Far above what any injector can start; what is above it is a slip of the hand."""


def rate_of(value: Any) -> float:
    """A rate per second; raises InputError when it is none."""
    if not _is_number(value) or not 0 <= value <= RATE_MAX_PER_S:
        raise InputError(
            f"{value!r} is not a rate: a number of scenarios per second, from 0 to "
            f"{RATE_MAX_PER_S:,.0f}, is needed."
        )
    return float(value)


def processes_of(value: Any, plan: Plan, max_in_flight: int) -> int:
    """A number of processes; raises InputError when it is none, or too many to share out."""
    if not _is_whole(value) or not 1 <= value <= PROCESSES_MAX:
        raise InputError(f"{value!r} is not a number of processes from 1 to {PROCESSES_MAX}.")
    if plan.user_order == "once":
        raise InputError(
            "Each user comes once, and is some process's: the number of processes cannot change.",
            hint="the processes that are needed from the start, or users in cyclic order.",
        )
    users = plan.last_user - plan.first_user + 1
    if value > users:
        raise InputError(f"{value} processes cannot share {users} users.")
    if value > max_in_flight:
        raise InputError(f"{value} processes cannot share {max_in_flight} scenarios in flight.")
    return int(value)


def bound_of(value: Any, processes: int) -> int:
    """A bound on what is in flight; raises InputError when it is none."""
    if not _is_whole(value) or value < processes:
        raise InputError(
            f"{value!r} is not a bound on scenarios in flight: a whole number from {processes} "
            "(one per process) is needed."
        )
    return int(value)


def note_of(value: Any) -> str:
    """A remark; raises InputError when it says nothing."""
    if not isinstance(value, str) or not value.strip():
        raise InputError("A note needs a text.")
    return value.strip()


def drain_of(value: Any) -> bool:
    """Whether a stop waits for what is in flight."""
    return bool(value.get("drain", True)) if isinstance(value, dict) else True


def words(name: str, value: Any) -> str:
    """A command in words, as a sentence."""
    match name:
        case "rate":
            return f"Rate set to {units.rate(value)}."
        case "processes":
            return f"Injector processes set to {value}."
        case "max_in_flight":
            return f"Bound on scenarios in flight set to {value}."
        case _:
            return f"{name} {value}."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
