"""What may be asked of a running run, checked before it is carried out."""

from __future__ import annotations

import math
from typing import Any, Final

from arangolab import units
from arangolab.errors import InputError

PROCESSES_MAX: Final = 64


def rate_of(value: Any) -> float:
    """A rate per second; raises InputError when it is none."""
    if not _is_number(value) or not math.isfinite(value) or value < 0:
        raise InputError(
            f"{value!r} is not a rate: a number of scenarios per second, 0 or more, is needed."
        )
    return float(value)


def processes_of(value: Any) -> int:
    """A number of injector processes; raises InputError when it is none."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= PROCESSES_MAX:
        raise InputError(f"{value!r} is not a number of processes from 1 to {PROCESSES_MAX}.")
    return value


def bound_of(value: Any, processes: int) -> int:
    """A bound on what is in flight; raises InputError when it is none."""
    if not isinstance(value, int) or isinstance(value, bool) or value < processes:
        raise InputError(f"{value!r} is not a bound on scenarios in flight ({processes} or more).")
    return value


def drain_of(value: Any) -> bool:
    """Whether a stop waits for what is in flight."""
    return bool(value.get("drain", True)) if isinstance(value, dict) else True


def words(name: str, value: Any) -> str:
    """A command in words."""
    match name:
        case "rate":
            return f"rate set to {units.rate(value)}"
        case "processes":
            return f"injector processes set to {value}"
        case "max_in_flight":
            return f"bound on scenarios in flight set to {value}"
    return f"{name} {value}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
