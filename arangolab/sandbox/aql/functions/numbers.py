"""Types, numbers, and what can be said about many of them."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from typing import Any, Final

from arangolab.sandbox.aql.functions.registry import Call, table
from arangolab.sandbox.aql.operators import span
from arangolab.sandbox.faults import check
from arangolab.sandbox.values import NAMES, sort_key, tidy, to_number, to_string, truthy, typename

_OF_ONE = "ACOS ASIN ATAN CEIL COS DEGREES EXP EXP2 FLOOR LOG LOG10 LOG2 RADIANS SIN SQRT TAN"


def _to_array(value: Any) -> list[Any]:
    if type(value) is dict:
        return list(value.values())
    return value if type(value) is list else [] if value is None else [value]


def _range(low: float, high: float, step: float | None = None) -> list[Any]:
    if step is None:
        return span(low, high)
    check(step and (high - low) / step <= 10**7, 1542)
    return [tidy(low + i * step) for i in range(math.floor((high - low) / step) + 1)]


def _about(measure: Callable[[list[float]], float], least: int = 1) -> Callable[[list[Any]], Any]:
    """A function of an array's numbers; null of fewer than ``least``."""

    def call(values: list[Any]) -> Any:
        found = [value for value in values if value is not None]
        check(all(type(value) in (int, float) for value in found), 1542)
        return measure(found) if len(found) >= least else None

    return call


ROWS: Final[dict[str, Call]] = {
    **{f"IS_{k.upper()} v": lambda v, kind=k: typename(v) == kind for k in NAMES},
    "TO_ARRAY v": _to_array,
    "TO_BOOL v": truthy,
    "TO_NUMBER v": lambda value: tidy(to_number(value)),
    "TO_STRING v": to_string,
    "TYPENAME v": typename,
    **{f"{name} n": getattr(math, name.lower()) for name in _OF_ONE.split()},
    "ABS n": abs,
    "ATAN2 n n": math.atan2,
    "AVERAGE|AVG a": _about(statistics.fmean),
    "MAX a": lambda a: max((v for v in a if v is not None), key=sort_key, default=None),
    "MEDIAN a": _about(statistics.median),
    "MIN a": lambda a: min((v for v in a if v is not None), key=sort_key, default=None),
    "PI": lambda: math.pi,
    "POW n n": math.pow,
    "PRODUCT a": _about(math.prod, 0),
    "RAND": random.random,
    "RANGE n n n?": _range,
    "ROUND n": lambda x: math.floor(x + 0.5),
    "STDDEV|STDDEV_POPULATION a": _about(statistics.pstdev),
    "STDDEV_SAMPLE a": _about(statistics.stdev, 2),
    "SUM a": _about(sum, 0),
    "VARIANCE|VARIANCE_POPULATION a": _about(statistics.pvariance),
    "VARIANCE_SAMPLE a": _about(statistics.variance, 2),
}
table("numbers", ROWS, None)
