"""Numbers, and what can be said about many of them."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.convert import array
from arangolab.sandbox.aql.functions.registry import function, table
from arangolab.sandbox.values import sort_key, tidy, to_number


def _real(calculate: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function of a number; null where it is not defined."""

    def call(value: Any) -> Any:
        try:
            return tidy(calculate(to_number(value)))
        except (ValueError, OverflowError):
            return None

    return call


@function("POW")
def power(base: Any, exponent: Any) -> Any:
    """Base to the power of exponent."""
    try:
        found = float(to_number(base)) ** to_number(exponent)
    except (OverflowError, ZeroDivisionError):
        return None
    return tidy(found) if type(found) is float else None


@function("RANGE")
def range_(start: Any, stop: Any, step: Any = None) -> list[Any]:
    """Numbers from start to stop (included) by step."""
    low, high = to_number(start), to_number(stop)
    by = to_number(step) if step is not None else (1 if low <= high else -1)
    if by == 0 or (high - low) / by > 10**7:
        raise BadArgument
    count = math.floor((high - low) / by) + 1
    return [tidy(low + i * by) for i in range(max(count, 0))]


def numbers(values: Any) -> list[float]:
    """The numbers of an array without nulls; BadArgument if another type is among them."""
    found = [value for value in array(values) if value is not None]
    if any(type(value) not in (int, float) for value in found):
        raise BadArgument
    return found


@function("MIN")
def minimum(values: Any) -> Any:
    """The least value that is not null."""
    return min((v for v in array(values) if v is not None), key=sort_key, default=None)


@function("MAX")
def maximum(values: Any) -> Any:
    """The greatest value that is not null."""
    return max((v for v in array(values) if v is not None), key=sort_key, default=None)


@function("AVERAGE AVG")
def average(values: Any) -> Any:
    """The mean; null of nothing."""
    found = numbers(values)
    return tidy(sum(found) / len(found)) if found else None


@function("MEDIAN")
def median(values: Any) -> Any:
    """The median; null of nothing."""
    found = numbers(values)
    return tidy(statistics.median(found)) if found else None


@function("PERCENTILE")
def percentile(values: Any, percent: Any, method: Any = "rank") -> Any:
    """The value below which ``percent`` of the numbers lie, by rank or interpolation."""
    found = sorted(numbers(values))
    share = to_number(percent)
    if not 0 < share <= 100 or method not in ("rank", "interpolation"):
        raise BadArgument
    if not found:
        return None
    if method == "rank":
        return tidy(found[math.ceil(share / 100 * len(found)) - 1])
    place = share / 100 * (len(found) + 1)
    low = min(max(math.floor(place), 1), len(found))
    high = min(low + 1, len(found))
    rest = min(max(place - low, 0), 1)
    return tidy(found[low - 1] + rest * (found[high - 1] - found[low - 1]))


def _spread(measure: Callable[[list[float]], float], least: int) -> Callable[[Any], Any]:
    def call(values: Any) -> Any:
        found = numbers(values)
        return tidy(measure(found)) if len(found) >= least else None

    return call


table(
    {
        "ABS": _real(abs),
        "ACOS": _real(math.acos),
        "ASIN": _real(math.asin),
        "ATAN": _real(math.atan),
        "CEIL": _real(math.ceil),
        "COS": _real(math.cos),
        "DEGREES": _real(math.degrees),
        "EXP": _real(math.exp),
        "EXP2": _real(lambda x: 2.0**x),
        "FLOOR": _real(math.floor),
        "LOG": _real(math.log),
        "LOG10": _real(math.log10),
        "LOG2": _real(math.log2),
        "RADIANS": _real(math.radians),
        "ROUND": _real(lambda x: math.floor(x + 0.5)),
        "SIN": _real(math.sin),
        "SQRT": _real(math.sqrt),
        "TAN": _real(math.tan),
        "VARIANCE_POPULATION VARIANCE": _spread(statistics.pvariance, 1),
        "VARIANCE_SAMPLE": _spread(statistics.variance, 2),
        "STDDEV_POPULATION STDDEV": _spread(statistics.pstdev, 1),
        "STDDEV_SAMPLE": _spread(statistics.stdev, 2),
        "ATAN2": lambda y, x: tidy(math.atan2(to_number(y), to_number(x))),
        "PI": lambda: math.pi,
        "RAND": random.random,
        "SUM": lambda values: tidy(sum(numbers(values))),
        "PRODUCT": lambda values: tidy(math.prod(numbers(values))),
    }
)
